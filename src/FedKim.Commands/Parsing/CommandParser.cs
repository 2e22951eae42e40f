using FedKim.Commands.Palettes;

namespace FedKim.Commands.Parsing;

/// <summary>What a line asks for.</summary>
public abstract record ParsedLine
{
    /// <summary>Run a command at the node.</summary>
    public sealed record Invoke(CommandDefinition Definition, CommandInvocation Invocation, ClientSwitches Client) : ParsedLine
    {
        /// <summary>What a person is to be asked first; null where nothing is changed, or they have said yes already.</summary>
        public string? Question => Client.Yes || Invocation.Text(Meant) == "true" ? null : Definition.QuestionOf(Invocation);

        /// <summary>The invocation, said yes to: some commands want to hear that themselves.</summary>
        public CommandInvocation Confirmed => Definition.Switches.Any(known => known.Name == Meant.Name && known.Kind == SwitchKind.Flag)
            ? Invocation.With(Meant.Name, "true")
            : Invocation;

        private static readonly CommandSwitch Meant = new("yes", "y", "Does not ask.", SwitchKind.Flag);
    }

    /// <summary>Explain everything, one palette or one command.</summary>
    public sealed record Help(string? Palette, string? Command) : ParsedLine;

    /// <summary>Leave the session.</summary>
    public sealed record Exit : ParsedLine;
}

/// <summary>
/// Reads <c>palette command [-switch value]…</c>. A switch is given by its long or short name, with one dash or two, its value as the next word or
/// after <c>=</c>; those that every command has come after the command's own; <c>--help</c> anywhere asks for help.
/// </summary>
public static class CommandParser
{
    /// <param name="palettes">What there is.</param>
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
        var client = new ClientSwitches();
        for (int i = 2; i < words.Count; i++)
        {
            if (words[i] is "--help" or "-h")
                return Help(palettes, palette.Name, definition.Name);
            if (!words[i].StartsWith('-'))
                throw new CommandException(CommandFault.Usage, $"{path}: '{words[i]}' follows no switch. 'help {path}' shows the switches.");

            var (name, value) = Parts(words[i]);
            string? next = i + 1 < words.Count && !IsSwitch(definition, words[i + 1]) ? words[i + 1] : null;
            if (Find(definition, words[i]) is not { } known)
            {
                client = client.With(path, name, value, next, out bool took)
                    ?? throw PaletteSet.Unknown($"switch '{words[i]}' of '{path}'", name, [.. definition.Switches.Select(defined => defined.Name), .. ClientSwitches.Names], $"help {path}");
                i += took ? 1 : 0;
                continue;
            }

            if (invocation.Switches.ContainsKey(known.Name))
                throw new CommandException(CommandFault.Usage, $"{path}: {PaletteSet.Shown(known)} is given twice.");
            if (known.Kind == SwitchKind.Flag)
                value ??= "true";
            else if (value is null && next is not null)
                (value, i) = (next, i + 1);
            invocation = invocation.With(known.Name, value ?? throw new CommandException(CommandFault.Usage, $"{path}: {PaletteSet.Shown(known)} needs a value."));
        }

        client.Check(path, definition);
        return new ParsedLine.Invoke(definition, palettes.Complete(invocation), client);
    }

    /// <summary>Whether the words ask for help, whatever about.</summary>
    public static bool AsksForHelp(IReadOnlyList<string> words) =>
        words is ["help", ..] or [_, "help", ..] || words.Any(word => word is "--help" or "-h");

    private static ParsedLine.Help Help(PaletteSet palettes, string? palette, string? command)
    {
        if (palette is not null)
            palettes.Palette(palette);
        return new ParsedLine.Help(palette, command is null ? null : palettes.Command(palette!, command).Name);
    }

    private static bool IsSwitch(CommandDefinition definition, string word) =>
        Find(definition, word) is not null || (word.StartsWith('-') && ClientSwitches.Knows(Parts(word).Name));

    private static CommandSwitch? Find(CommandDefinition definition, string word) =>
        word.StartsWith('-') ? definition.Switches.FirstOrDefault(known => known.Name == Parts(word).Name || known.Short == Parts(word).Name) : null;

    private static (string Name, string? Value) Parts(string word)
    {
        string bare = word.StartsWith("--", StringComparison.Ordinal) ? word[2..] : word[1..];
        int equals = bare.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (bare, null) : (bare[..equals], bare[(equals + 1)..]);
    }
}
