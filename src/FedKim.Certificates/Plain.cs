namespace FedKim.Certificates;

/// <summary>Text from outside, for people: a stranger's certificate must not write over a terminal or make lines of a log.</summary>
internal static class Plain
{
    private const int Most = 200;

    /// <summary>The text on one line, with nothing in it that is not seen, and not endless.</summary>
    public static string Text(string text) =>
        string.Concat(text.Take(Most).Select(c => c is >= ' ' and <= '~' || char.IsLetterOrDigit(c) ? c : '?')) + (text.Length > Most ? "…" : "");
}
