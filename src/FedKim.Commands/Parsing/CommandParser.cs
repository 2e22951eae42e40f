using FedKim.Commands.Palettes;

namespace FedKim.Commands.Parsing;

/// <summary>What a line asks for.</summary>
public abstract record ParsedLine
{
    /// <summary>Run a command at the node.</summary>
    public sealed record Invoke(CommandDefinition Definition, CommandInvocation Invocation, bool Json) : ParsedLine;

    /// <summary>Explain everything, one palette or one command.</summary>
    public sealed record Help(string? Palette, string? Command) : ParsedLine;

    /// <summary>Leave the session.</summary>
    public sealed record Exit : ParsedLine;
}

/// <summary>
/// Reads <c>palette command [-switch value]… [--json]</c>. A switch is given by its long or short name, with one dash or two, its value as the
/// next word or after <c>=</c>; <c>--help</c> anywhere asks for help.
/// </summary>
public static class CommandParser
{
    /// <param name="words">At least one.</param>
    /// <exception cref="CommandException">The words name something that the palettes do not define; the message names the nearest.</exception>
    public static ParsedLine Parse(PaletteSet palettes, IReadOnlyList<string> words)
    {
        switch (words[0])
        {
            case "exit" or "quit" when words.Count == 1: return new ParsedLine.Exit();
            case "help" or "--help" or "-h": return Help(palettes, words.ElementAtOrDefault(1), words.ElementAtOrDefault(2));
        }

        var palette = palettes.Palette(words[0]);
        if (words.Count == 1)
            throw new CommandException(CommandFault.Usage, $"'{palette.Name}' needs a command: {string.Join(", ", palette.Commands.Select(known => known.Name))}.");
        if (words[1] is "--help" or "-h" or "help")
            return Help(palettes, palette.Name, words.ElementAtOrDefault(2));

        var definition = palettes.Command(palette.Name, words[1]);
        string path = $"{palette.Name} {definition.Name}";
        var invocation = new CommandInvocation(palette.Name, definition.Name);
        bool json = false;
        for (int i = 2; i < words.Count; i++)
        {
            if (words[i] is "--json" or "-json")
            {
                json = true;
                continue;
            }

            if (words[i] is "--help" or "-h")
                return Help(palettes, palette.Name, definition.Name);
            if (!words[i].StartsWith('-'))
                throw new CommandException(CommandFault.Usage, $"{path}: '{words[i]}' follows no switch. 'help {path}' shows the switches.");

            var (name, value) = Parts(words[i]);
            var known = Find(definition, words[i])
                ?? throw PaletteSet.Unknown($"switch '{words[i]}' of '{path}'", name, definition.Switches.Select(defined => defined.Name), $"help {path}");
            if (invocation.Switches.ContainsKey(known.Name))
                throw new CommandException(CommandFault.Usage, $"{path}: {PaletteSet.Shown(known)} is given twice.");
            if (known.Kind == SwitchKind.Flag)
                value ??= "true";
            else if (value is null && i + 1 < words.Count && words[i + 1] != "--json" && Find(definition, words[i + 1]) is null)
                value = words[++i];
            invocation = invocation.With(known.Name, value ?? throw new CommandException(CommandFault.Usage, $"{path}: {PaletteSet.Shown(known)} needs a value."));
        }

        return new ParsedLine.Invoke(definition, palettes.Complete(invocation), json);
    }

    private static ParsedLine.Help Help(PaletteSet palettes, string? palette, string? command)
    {
        if (palette is not null)
            palettes.Palette(palette);
        if (command is not null)
            palettes.Command(palette!, command);
        return new ParsedLine.Help(palette, command);
    }

    private static CommandSwitch? Find(CommandDefinition definition, string word) =>
        word.StartsWith('-') ? definition.Switches.FirstOrDefault(known => known.Name == Parts(word).Name || known.Short == Parts(word).Name) : null;

    private static (string Name, string? Value) Parts(string word)
    {
        string bare = word.StartsWith("--", StringComparison.Ordinal) ? word[2..] : word[1..];
        int equals = bare.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (bare, null) : (bare[..equals], bare[(equals + 1)..]);
    }
}
