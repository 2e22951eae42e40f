using System.Text;
using FedKim.Commands.Palettes;

namespace FedKim.Commands.Parsing;

/// <summary>
/// The written form of a command: words split at blanks. A word in double quotes may hold blanks, with <c>\"</c> and <c>\\</c> for a quote
/// and a backslash; in single quotes everything stands for itself.
/// </summary>
public static class CommandText
{
    /// <exception cref="CommandException">A quote is left open.</exception>
    public static IReadOnlyList<string> Split(string line)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        char? quote = null;
        for (int i = 0; i < line.Length; i++)
        {
            char letter = line[i];
            if (quote == '"' && letter == '\\' && i + 1 < line.Length && line[i + 1] is ('"' or '\\'))
            {
                word!.Append(line[++i]);
            }
            else if (quote is not null)
            {
                if (letter == quote)
                    quote = null;
                else
                    word!.Append(letter);
            }
            else if (letter is '"' or '\'')
            {
                quote = letter;
                word ??= new StringBuilder();
            }
            else if (char.IsWhiteSpace(letter))
            {
                if (word is not null)
                    words.Add(word.ToString());
                word = null;
            }
            else
            {
                (word ??= new StringBuilder()).Append(letter);
            }
        }

        if (quote is not null)
            throw new CommandException(CommandFault.Usage, $"A quote {quote} is left open: {line}");
        if (word is not null)
            words.Add(word.ToString());
        return words;
    }

    /// <summary>The words in one line from which <see cref="Split"/> gets them back.</summary>
    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    /// <summary>An invocation's words as <see cref="CommandParser"/> reads them.</summary>
    public static IReadOnlyList<string> Words(CommandDefinition definition, CommandInvocation invocation)
    {
        List<string> words = [invocation.Palette, invocation.Command];
        foreach (var (name, value) in invocation.Switches)
        {
            bool flag = definition.Switches.Any(known => known.Name == name && known.Kind == SwitchKind.Flag);
            if (flag && value == "true")
                words.Add($"--{name}");
            else if (flag || value.StartsWith('-'))
                words.Add($"--{name}={value}");
            else
                words.AddRange([$"--{name}", value]);
        }

        return words;
    }

    private static string Quote(string word) =>
        word.Length > 0 && !word.Any(letter => char.IsWhiteSpace(letter) || letter is '"' or '\'')
            ? word
            : $"\"{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
