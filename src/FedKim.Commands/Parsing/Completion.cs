using FedKim.Commands.Palettes;

namespace FedKim.Commands.Parsing;

/// <summary>What may come next while a line is being typed.</summary>
public static class Completion
{
    /// <summary>The whole words that may stand where the line's last word (empty after a blank) stands, in the palettes' order.</summary>
    public static IReadOnlyList<string> Of(PaletteSet palettes, string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
        string typed = line.EndsWith(' ') || words.Count == 0 ? "" : words[^1];
        if (typed.Length > 0)
            words.RemoveAt(words.Count - 1);
        return [.. Next(palettes, words).Where(word => word.StartsWith(typed, StringComparison.Ordinal))];
    }

    private static IEnumerable<string> Next(PaletteSet palettes, List<string> words)
    {
        if (words is ["help", ..])
        {
            return words.Count switch
            {
                1 => palettes.All.Select(palette => palette.Name),
                2 => Commands(palettes, words[1]).Select(command => command.Name),
                _ => [],
            };
        }

        return words.Count switch
        {
            0 => palettes.All.Select(palette => palette.Name).Concat(["help", "exit"]),
            1 => Commands(palettes, words[0]).Select(command => command.Name),
            _ => Commands(palettes, words[0]).Where(command => command.Names.Contains(words[1])).SelectMany(command => Switches(command, words)),
        };
    }

    private static IEnumerable<CommandDefinition> Commands(PaletteSet palettes, string palette) =>
        palettes.All.Where(known => known.Name == palette).SelectMany(known => known.Commands);

    private static IEnumerable<string> Switches(CommandDefinition command, List<string> words)
    {
        if (words[^1] is "-o" or "--output" && command.Switches.All(known => known.Short != "o" && known.Name != "output"))
            return ClientSwitches.Forms;
        // After a switch that wants a value, only the person at the keyboard knows what comes.
        if (command.Switches.Any(known => known.Kind != SwitchKind.Flag && words[^1].TrimStart('-') is var last && (last == known.Name || last == known.Short)))
            return [];
        return command.Switches.Select(known => $"--{known.Name}").Concat(ClientSwitches.Of(command)).Distinct().Where(word => !words.Contains(word));
    }
}
