namespace FedKim.Configuration;

/// <summary>A place of a HOCON text that takes over what is written elsewhere.</summary>
/// <param name="At">Full key of the place.</param>
/// <param name="Target">Full key of what is taken over.</param>
/// <param name="Line">Line of the place, from 1.</param>
internal sealed record HoconReference(string At, string Target, int Line)
{
    /// <summary>Whether one key is the other, or lies below or above it.</summary>
    public static bool Meet(string one, string other) => IsAtOrBelow(one, other) || IsAtOrBelow(other, one);

    /// <summary>Whether a key is the other, or lies below it.</summary>
    public static bool IsAtOrBelow(string key, string other) =>
        key.StartsWith(other, StringComparison.Ordinal) && (key.Length == other.Length || key[other.Length] == '.');
}
