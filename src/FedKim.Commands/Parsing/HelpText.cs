using System.Text;
using FedKim.Commands.Answers;
using FedKim.Commands.Palettes;

namespace FedKim.Commands.Parsing;

/// <summary>Help as the palettes tell it, in lines that a terminal of 80 columns shows whole.</summary>
public static class HelpText
{
    private const int Width = 80, Indent = 2, Forms = 24;

    /// <summary>Help on everything in short, on one palette, or on one command. Lines end in a line feed.</summary>
    /// <exception cref="CommandException">There is no such palette or command.</exception>
    public static string For(PaletteSet palettes, string? palette, string? command)
    {
        var text = new StringBuilder();
        if (palette is null)
        {
            foreach (var known in palettes.All)
            {
                Entry(text, known.Name, known.Help);
                Entry(text, "", string.Join(", ", known.Commands.Select(one => one.Name)));
            }

            Entry(text, "help PALETTE [COMMAND]", "Explains a palette's commands, or a command and its switches.");
            Entry(text, "… -o table|wide|json", "Shows what fits, everything, or JSON, as --json does.");
            Entry(text, "… --watch [SECONDS]", "Asks again and again, until Ctrl-C.");
            return text.ToString();
        }

        var named = palettes.Palette(palette);
        if (command is null)
            Palette(text, named);
        else
            Command(text, named.Name, palettes.Command(palette, command));
        return text.ToString();
    }

    private static void Palette(StringBuilder text, CommandPalette palette)
    {
        Lines(text, "", $"{palette.Name}: {palette.Help}");
        foreach (var definition in palette.Commands)
            Entry(text, $"{palette.Name} {definition.Name}", definition.Help);
    }

    private static void Command(StringBuilder text, string palette, CommandDefinition asked)
    {
        Lines(text, "", string.Join(' ', [palette, asked.Name, .. asked.Switches.Select(known => known.Required ? Form(known) : $"[{Form(known)}]")]));
        Lines(text, "", asked.Help + (asked.Answer == AnswerShape.Stream ? " Goes on until Ctrl-C." : ""));
        foreach (var known in asked.Switches)
            Entry(text, Form(known), known.Help + (known.Required ? " Required." : known.Default is { } value ? $" Default: {value}." : ""));
        if (asked.Question is not null && asked.Switches.All(known => known.Name != "yes"))
            Entry(text, "-y|--yes", "Does not ask whether it is meant.");
        if (asked.Answer is AnswerShape.Rows or AnswerShape.Item)
            Entry(text, asked.Switches.Any(known => known.Short == "o") ? "--output wide" : "-o|--output wide", "Shows every field, and every value whole.");
        Entry(text, "--json", "Answers in JSON.");
        if (asked.Answer != AnswerShape.Stream && asked.Question is null)
            Entry(text, "--watch [SECONDS]", "Asks again and again, every 2 seconds, until Ctrl-C.");
    }

    private static string Form(CommandSwitch known) =>
        (known.Short is { } letter ? $"-{letter}|--{known.Name}" : $"--{known.Name}") + known.Kind switch
        {
            SwitchKind.Number => " N",
            SwitchKind.Flag => "",
            _ => " TEXT",
        };

    private static void Entry(StringBuilder text, string form, string help)
    {
        bool beside = form.Length <= Forms;
        if (!beside)
            Lines(text, new string(' ', Indent), form);
        string head = new(' ', Indent + Forms + Indent);
        foreach (string line in Wrapped.Lines(help, Width - head.Length))
        {
            text.Append(beside ? $"{new string(' ', Indent)}{form.PadRight(Forms)}{new string(' ', Indent)}" : head).Append(line).Append('\n');
            beside = false;
        }
    }

    private static void Lines(StringBuilder text, string head, string content)
    {
        foreach (string line in Wrapped.Lines(content, Width - head.Length))
            text.Append(head).Append(line).Append('\n');
    }
}
