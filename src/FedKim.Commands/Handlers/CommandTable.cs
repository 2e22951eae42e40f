using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace FedKim.Commands;

/// <summary>
/// Answers one command with rows. A <see cref="CommandException"/> becomes the client's error line; any other exception is reported to the
/// host's owner and the client learns its message.
/// </summary>
public delegate IAsyncEnumerable<CommandRow> CommandHandler(CommandInvocation invocation, CancellationToken cancel);

/// <summary>Palettes with a handler bound to each of their commands, by name: <c>table.Bind("round show", …)</c>.</summary>
public sealed class CommandTable
{
    private readonly SortedDictionary<string, CommandHandler> _handlers = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">The palettes are not well formed: see <see cref="PaletteSet"/>.</exception>
    public CommandTable(ImmutableArray<CommandPalette> palettes) => Palettes = new PaletteSet(palettes);

    public PaletteSet Palettes { get; }

    /// <summary>Binds a command that yields rows as they come; this is how a stream is made.</summary>
    /// <param name="name">Palette and command with a space between.</param>
    /// <exception cref="ArgumentException">No palette defines the command, or it is bound already.</exception>
    public CommandTable Bind(string name, CommandHandler handler)
    {
        if (!Names().Contains(name)) throw new ArgumentException($"A handler is bound to '{name}', but no palette defines that command.");
        if (!_handlers.TryAdd(name, handler)) throw new ArgumentException($"'{name}' has two handlers.");
        return this;
    }

    /// <summary>Binds a command that answers with all its rows at once.</summary>
    /// <exception cref="ArgumentException">No palette defines the command, or it is bound already.</exception>
    public CommandTable Bind(string name, Func<CommandInvocation, CancellationToken, Task<IReadOnlyList<CommandRow>>> handler)
    {
        return Bind(name, (CommandHandler)Rows);

        async IAsyncEnumerable<CommandRow> Rows(CommandInvocation invocation, [EnumeratorCancellation] CancellationToken cancel)
        {
            foreach (var row in await handler(invocation, cancel)) yield return row;
        }
    }

    /// <summary>Binds a command that answers with one row or message.</summary>
    /// <exception cref="ArgumentException">No palette defines the command, or it is bound already.</exception>
    public CommandTable Bind(string name, Func<CommandInvocation, CancellationToken, Task<CommandRow>> handler)
    {
        return Bind(name, (CommandHandler)Rows);

        async IAsyncEnumerable<CommandRow> Rows(CommandInvocation invocation, [EnumeratorCancellation] CancellationToken cancel)
        {
            yield return await handler(invocation, cancel);
        }
    }

    /// <exception cref="InvalidOperationException">A command of the palettes has no handler; the message names every such command.</exception>
    public void CheckComplete()
    {
        var unbound = Names().Where(name => !_handlers.ContainsKey(name)).ToList();
        if (unbound.Count > 0) throw new InvalidOperationException($"No handler is bound to '{string.Join("', '", unbound)}'. Bind one, or take the command out of its palette.");
    }

    internal CommandHandler Handler(CommandInvocation invocation) => _handlers[$"{invocation.Palette} {invocation.Command}"];

    private IEnumerable<string> Names() =>
        Palettes.All.SelectMany(palette => palette.Commands, (palette, command) => $"{palette.Name} {command.Name}");
}
