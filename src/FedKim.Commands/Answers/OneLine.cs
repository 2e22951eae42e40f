using System.Globalization;
using System.Text;

namespace FedKim.Commands.Answers;

/// <summary>Text for a reader's terminal and for logs.</summary>
public static class OneLine
{
    /// <summary>
    /// The text without line breaks, other control characters, and marks that are not seen: what somebody else wrote must not move the reader's cursor,
    /// turn the order in which letters are read, nor look like a line of its own.
    /// </summary>
    public static string Of(string text)
    {
        if (!text.Any(IsUnseen))
            return text;
        var line = new StringBuilder(text.Length);
        foreach (char letter in text)
            line.Append(IsUnseen(letter) ? ' ' : letter);
        return line.ToString();
    }

    private static bool IsUnseen(char letter) => char.GetUnicodeCategory(letter)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
