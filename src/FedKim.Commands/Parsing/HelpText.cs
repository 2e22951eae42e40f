using System.Text;
using FedKim.Commands.Palettes;

namespace FedKim.Commands.Parsing;

/// <summary>Help as the palettes tell it.</summary>
public static class HelpText
{
    /// <summary>Help on everything, on one palette, or on one command. Lines end in a line feed.</summary>
    /// <exception cref="CommandException">There is no such palette or command.</exception>
    public static string For(PaletteSet palettes, string? palette, string? command)
    {
        var text = new StringBuilder();
        if (palette is null)
        {
            foreach (var known in palettes.All)
            {
                text.Append(known.Name).Append(": ").Append(known.Help).Append('\n');
                foreach (var definition in known.Commands)
                    Entry(text, Usage(known.Name, definition), definition.Help);
            }

            Entry(text, "help [palette [command]]", "Explains what there is.");
            Entry(text, "… --json", "Answers in JSON.");
            return text.ToString();
        }

        var named = palettes.Palette(palette);
        if (command is null)
        {
            text.Append(named.Name).Append(": ").Append(named.Help).Append('\n');
            foreach (var definition in named.Commands)
                Entry(text, Usage(named.Name, definition), definition.Help);
            return text.ToString();
        }

        var asked = palettes.Command(palette, command);
        text.Append(Usage(palette, asked)).Append('\n').Append(asked.Help);
        if (asked.Answer == AnswerShape.Stream)
            text.Append(" Goes on until Ctrl-C.");
        text.Append('\n');
        foreach (var known in asked.Switches)
            Entry(text, Form(known), known.Help + (known.Required ? " Required." : known.Default is { } value ? $" Default: {value}." : ""));
        Entry(text, "--json", "Answers in JSON.");
        return text.ToString();
    }

    private static string Usage(string palette, CommandDefinition definition) =>
        string.Join(' ', [palette, definition.Name, .. definition.Switches.Select(known => known.Required ? Form(known) : $"[{Form(known)}]")]);

    private static string Form(CommandSwitch known) =>
        (known.Short is { } letter ? $"-{letter}|--{known.Name}" : $"--{known.Name}") + known.Kind switch
        {
            SwitchKind.Number => " N",
            SwitchKind.Flag => "",
            _ => " TEXT",
        };

    private static void Entry(StringBuilder text, string form, string help) => text.Append("  ").Append(form.PadRight(32)).Append("  ").Append(help).Append('\n');
}
