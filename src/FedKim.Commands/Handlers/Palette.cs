using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using FedKim.Commands.Answers;
using FedKim.Commands.Palettes;

namespace FedKim.Commands.Handlers;

/// <summary>
/// A group of commands, and where they are made: each whole, how it is asked for and explained, and what answers it. A handler throws a
/// <see cref="CommandException"/> to answer with exactly its line; any other exception is reported to the host's owner, and the client learns its
/// message.
/// </summary>
/// <typeparam name="TNode">What the commands are answered from.</typeparam>
public sealed record Palette<TNode>(string Name, string Help)
{
    /// <summary>A command that answers with any number of rows.</summary>
    /// <param name="name">Lower-case letters, digits and dashes.</param>
    /// <param name="help">What it does, in a sentence.</param>
    /// <param name="switches">What may be given with it.</param>
    /// <param name="answer">Answers it with all its rows.</param>
    /// <param name="limit">Seconds it may take.</param>
    public Command<TNode> Rows(
        string name, string help, ImmutableArray<CommandSwitch> switches, Func<TNode, CommandInvocation, CancellationToken, Task<IReadOnlyList<CommandRow>>> answer,
        double limit = CommandLimits.Soon)
    {
        return new Command<TNode>(this, new CommandDefinition(name, help, AnswerShape.Rows, switches, limit), All);

        async IAsyncEnumerable<CommandRow> All(TNode node, CommandInvocation asked, [EnumeratorCancellation] CancellationToken cancel)
        {
            foreach (var row in await answer(node, asked, cancel))
                yield return row;
        }
    }

    /// <summary>A command that answers with one row; as <see cref="Rows"/>.</summary>
    public Command<TNode> Item(
        string name, string help, ImmutableArray<CommandSwitch> switches, Func<TNode, CommandInvocation, CancellationToken, Task<CommandRow>> answer,
        double limit = CommandLimits.Soon) => new(this, new CommandDefinition(name, help, AnswerShape.Item, switches, limit), One(answer));

    /// <summary>A command that answers with a sentence; as <see cref="Rows"/>.</summary>
    public Command<TNode> Message(
        string name, string help, ImmutableArray<CommandSwitch> switches, Func<TNode, CommandInvocation, CancellationToken, Task<string>> answer,
        double limit = CommandLimits.Soon) => new(
        this, new CommandDefinition(name, help, AnswerShape.Message, switches, limit), One(async (node, asked, cancel) => CommandRow.Message(await answer(node, asked, cancel))));

    /// <summary>A command whose rows come as they happen, without limit; as <see cref="Rows"/>.</summary>
    public Command<TNode> Stream(
        string name, string help, ImmutableArray<CommandSwitch> switches, Func<TNode, CommandInvocation, CancellationToken, IAsyncEnumerable<CommandRow>> answer) =>
        new(this, new CommandDefinition(name, help, AnswerShape.Stream, switches), answer);

    private static Func<TNode, CommandInvocation, CancellationToken, IAsyncEnumerable<CommandRow>> One(Func<TNode, CommandInvocation, CancellationToken, Task<CommandRow>> answer)
    {
        return Only;

        async IAsyncEnumerable<CommandRow> Only(TNode node, CommandInvocation asked, [EnumeratorCancellation] CancellationToken cancel)
        {
            yield return await answer(node, asked, cancel);
        }
    }
}

/// <summary>A command whole; made by its <see cref="Palette{TNode}"/>.</summary>
/// <typeparam name="TNode">What it is answered from.</typeparam>
public sealed class Command<TNode>
{
    internal Command(
        Palette<TNode> palette, CommandDefinition definition, Func<TNode, CommandInvocation, CancellationToken, IAsyncEnumerable<CommandRow>> answer) =>
        (Palette, Definition, Answer) = (palette, definition, answer);

    public string Name => Definition.Name;

    /// <summary>The same, heard under names that it had before, too; help lists them no more.</summary>
    public Command<TNode> Formerly(params IReadOnlyList<string> names) => new(Palette, Definition with { Earlier = names }, Answer);

    /// <summary>The same, of a command that changes something: a client asks a person this first, <c>{site}</c> standing for the switch's value.</summary>
    /// <param name="question">The question.</param>
    /// <param name="when">The switch without which nothing is changed, where there is one.</param>
    public Command<TNode> Asking(string question, CommandSwitch? when = null) => new(Palette, Definition with { Question = question, ChangesBy = when?.Name }, Answer);

    public string Help => Definition.Help;

    /// <summary>The command as it is asked for without switches.</summary>
    public CommandInvocation Asked => new(Palette.Name, Name);

    internal Palette<TNode> Palette { get; }

    internal CommandDefinition Definition { get; }

    internal Func<TNode, CommandInvocation, CancellationToken, IAsyncEnumerable<CommandRow>> Answer { get; }
}
