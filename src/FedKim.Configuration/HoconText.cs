namespace FedKim.Configuration;

/// <summary>Writes HOCON.</summary>
public static class HoconText
{
    /// <summary>A text as HOCON reads it back, whatever stands in it.</summary>
    public static string Quoted(string text) => $"\"{text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\r", "\\r", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal)
        .Replace("\t", "\\t", StringComparison.Ordinal)}\"";
}
