namespace FedKim.Commands.Answers;

/// <summary>Texts in lines of so many columns.</summary>
public static class Wrapped
{
    /// <summary>The text in lines of at most <paramref name="width"/> columns, broken at blanks where there are some; at least one.</summary>
    public static IReadOnlyList<string> Lines(string text, int width)
    {
        int room = Math.Max(2, width);
        var lines = new List<string>();
        string rest = text.Trim();
        while (rest.Length > room)
        {
            int at = rest.LastIndexOf(' ', room);
            // A letter of two halves stays whole.
            if (at <= 0)
                at = char.IsHighSurrogate(rest[room - 1]) ? room - 1 : room;
            lines.Add(rest[..at].TrimEnd());
            rest = rest[at..].TrimStart();
        }

        lines.Add(rest);
        return lines;
    }
}
