using FedKim.Commands.Answers;
using FedKim.Commands.Palettes;

namespace FedKim.Commands.Handlers;

/// <summary>The commands of one node: what its clients are told of them, and what answers them.</summary>
public sealed class CommandTable
{
    private readonly Dictionary<string, Func<CommandInvocation, CancellationToken, IAsyncEnumerable<CommandRow>>> _answers;

    private CommandTable(PaletteSet palettes, Dictionary<string, Func<CommandInvocation, CancellationToken, IAsyncEnumerable<CommandRow>>> answers) =>
        (Palettes, _answers) = (palettes, answers);

    public PaletteSet Palettes { get; }

    /// <summary>Commands answered from a node, palettes and commands in the order given.</summary>
    /// <exception cref="ArgumentException">They are not well formed: see <see cref="PaletteSet"/>.</exception>
    public static CommandTable Of<TNode>(TNode node, params IReadOnlyList<Command<TNode>> commands)
    {
        var palettes = commands.GroupBy(command => command.Palette, (palette, own) =>
            new CommandPalette(palette.Name, palette.Help, [.. own.Select(command => command.Definition)]));
        return new CommandTable(
            new PaletteSet([.. palettes]),
            commands.ToDictionary<Command<TNode>, string, Func<CommandInvocation, CancellationToken, IAsyncEnumerable<CommandRow>>>(
                command => Key(command.Asked), command => (asked, cancel) => command.Answer(node, asked, cancel)));
    }

    /// <param name="invocation">As the palettes completed it.</param>
    internal IAsyncEnumerable<CommandRow> Answer(CommandInvocation invocation, CancellationToken cancel) => _answers[Key(invocation)](invocation, cancel);

    private static string Key(CommandInvocation invocation) => $"{invocation.Palette} {invocation.Command}";
}
