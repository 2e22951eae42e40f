using System.Collections.Immutable;

namespace FedKim.Commands;

/// <summary>A named group of commands: <c>round</c> holds <c>list</c> and <c>show</c>.</summary>
public sealed record CommandPalette(string Name, string Help, ImmutableArray<CommandDefinition> Commands)
{
    /// <summary>An empty palette to be filled with <see cref="Command"/>.</summary>
    public static CommandPalette Named(string name, string help) => new(name, help, []);

    /// <summary>This palette with one command more.</summary>
    /// <param name="switches">Adds the command's switches; null for none.</param>
    /// <param name="limit">Seconds it may take.</param>
    public CommandPalette Command(
        string name, string help, AnswerShape answer = AnswerShape.Rows, Func<CommandDefinition, CommandDefinition>? switches = null,
        double limit = CommandDefinition.Soon)
    {
        var command = new CommandDefinition(name, help, answer, [], limit);
        return this with { Commands = Commands.Add(switches is null ? command : switches(command)) };
    }
}
