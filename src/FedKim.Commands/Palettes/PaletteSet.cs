using System.Collections.Immutable;
using System.Globalization;

namespace FedKim.Commands.Palettes;

/// <summary>The palettes of a node, checked and ready to look up.</summary>
public sealed class PaletteSet
{
    private const double MostSeconds = 86_400;

    /// <summary>Words the client keeps for itself: no palette may be called so.</summary>
    private static readonly string[] ReservedPalettes = ["help", "exit", "quit", "completion", "version"];

    /// <summary>Switches that every command has on the client's side.</summary>
    private static readonly string[] ReservedSwitches = ["help", "json", "h"];

    /// <exception cref="ArgumentException">A name is malformed, reserved or there twice, or a default value is not of its switch's kind.</exception>
    public PaletteSet(ImmutableArray<CommandPalette> palettes)
    {
        // They come from a node, and a list may hold nothing where something is expected.
        if (palettes.IsDefault || palettes.Any(palette => palette is null || palette.Commands.IsDefault || palette.Commands.Any(command =>
                command is null || command.Earlier?.Any(name => name is null) is true || command.Switches.IsDefault || command.Switches.Any(known => known is null)
                || command.Limit is not (> 0 and <= MostSeconds))))
        {
            throw new ArgumentException($"A palette, command or switch is missing, or a command's limit is not above 0 and up to {MostSeconds} s.");
        }

        CheckNames("Palette", "", palettes.Select(palette => palette.Name), ReservedPalettes);
        foreach (var palette in palettes)
        {
            CheckNames("Command", palette.Name + " ", palette.Commands.SelectMany(command => command.Names), []);
            foreach (var command in palette.Commands)
            {
                string path = $"{palette.Name} {command.Name} ";
                CheckNames("Switch", path, command.Switches.SelectMany(Names), ReservedSwitches);
                foreach (var given in command.Switches)
                {
                    if (given.Short is { Length: not 1 })
                        throw new ArgumentException($"Short switch '{path}-{given.Short}' must be one letter.");
                    if (given.Default is { } value && Refusal(given, value) is { } refusal)
                        throw new ArgumentException($"Default of '{path}': {refusal}");
                }
            }
        }

        All = palettes;
    }

    public ImmutableArray<CommandPalette> All { get; }

    /// <summary>The palette of that name.</summary>
    /// <exception cref="CommandException">There is none; the message names the nearest.</exception>
    public CommandPalette Palette(string name) =>
        All.FirstOrDefault(palette => palette.Name == name)
        ?? throw Unknown($"palette '{name}'", name, All.Select(palette => palette.Name), "help");

    /// <summary>The command of that name.</summary>
    /// <exception cref="CommandException">There is none; the message names the nearest.</exception>
    public CommandDefinition Command(string palette, string name) =>
        Palette(palette).Commands.FirstOrDefault(command => command.Names.Contains(name))
        ?? throw Unknown($"command '{palette} {name}'", name, Palette(palette).Commands.Select(command => command.Name), $"help {palette}");

    /// <summary>
    /// The invocation as its handler may rely on it: palette and command exist, every switch is known by its long name and of its kind,
    /// required ones are there, defaults filled in. A name that the command had before has become the present one.
    /// </summary>
    /// <exception cref="CommandException">It is not so; the message says what to change.</exception>
    public CommandInvocation Complete(CommandInvocation invocation)
    {
        string path = $"{invocation.Palette} {invocation.Command}";
        var definition = Command(invocation.Palette, invocation.Command);
        foreach (string name in invocation.Switches.Keys)
        {
            if (definition.Switches.All(known => known.Name != name))
                throw Unknown($"switch '--{name}' of '{path}'", name, definition.Switches.Select(known => known.Name), $"help {path}");
        }

        var switches = invocation.Switches;
        foreach (var known in definition.Switches)
        {
            if (switches.TryGetValue(known.Name, out string? value))
            {
                if (Refusal(known, value) is { } refusal)
                    throw new CommandException(CommandFault.Usage, $"{path}: {refusal}");
            }
            else if (known.Default is not null)
            {
                switches = switches.Add(known.Name, known.Default);
            }
            else if (known.Required)
            {
                throw new CommandException(CommandFault.Usage, $"{path}: {Shown(known)} is missing: {known.Help}");
            }
        }

        return invocation with { Command = definition.Name, Switches = switches };
    }

    /// <summary>How a switch is written in help and errors: <c>-r</c> where it has a short form, else <c>--round</c>.</summary>
    internal static string Shown(CommandSwitch known) => known.Short is { } letter ? $"-{letter}" : $"--{known.Name}";

    internal static CommandException Unknown(string what, string given, IEnumerable<string> names, string help)
    {
        string? nearest = NearestName.To(given, names);
        return new CommandException(
            CommandFault.Usage, $"Unknown {what}. {(nearest is null ? "" : $"Did you mean '{nearest}'? ")}'{help}' lists what there is.");
    }

    private static IEnumerable<string> Names(CommandSwitch known) => known.Short is { } letter ? [known.Name, letter] : [known.Name];

    private static string? Refusal(CommandSwitch known, string value) => known.Kind switch
    {
        SwitchKind.Number when !long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) =>
            $"{Shown(known)} wants a whole number, not '{value}'.",
        SwitchKind.Flag when value is not ("true" or "false") => $"{Shown(known)} takes no value.",
        _ => null,
    };

    private static void CheckNames(string what, string path, IEnumerable<string> names, string[] reserved)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (name.Length == 0 || name[0] == '-' || !name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
                throw new ArgumentException($"{what} '{path}{name}' is misnamed: lower-case letters, digits and dashes make a name.");
            if (reserved.Contains(name))
                throw new ArgumentException($"{what} '{path}{name}' bears a name that clients keep for themselves.");
            if (!seen.Add(name))
                throw new ArgumentException($"{what} '{path}{name}' is defined twice.");
        }
    }
}
