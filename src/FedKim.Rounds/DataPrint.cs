namespace FedKim.Rounds;

/// <summary>
/// A site's fingerprint of the data it trained on, under a key that never leaves the site: it tells others whether the data is the same as
/// before, and nothing else of it.
/// </summary>
/// <param name="Now">The fingerprint; empty where the site does not say.</param>
/// <param name="Before">The one of the site's contribution before, if that was another; empty otherwise.</param>
public readonly record struct DataPrint(string Now, string Before)
{
    private const string Instead = "<";

    /// <summary>Whether the site trained on other data than in its contribution before.</summary>
    public bool Changed => Before.Length > 0;

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static DataPrint Parse(string text) => text.Split(Instead) is [var now, var before] ? new DataPrint(now, before) : new DataPrint(text, "");

    /// <inheritdoc/>
    public override string ToString() => Changed ? $"{Now}{Instead}{Before}" : Now;
}
