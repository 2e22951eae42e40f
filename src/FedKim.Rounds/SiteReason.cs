namespace FedKim.Rounds;

/// <summary>
/// Why a site cannot work, as far as others may know: one of <see cref="SiteSentences"/>, with numbers and with names that the site was given in
/// its order. No cell, no file, no path and no text of an exception has a place in it; the full text stays in the site's own log.
/// </summary>
public sealed record SiteReason
{
    // Longer than any sentence can get; what is longer is not even compared.
    private const int Longest = 1_000;

    private readonly string[] _names;

    internal SiteReason(string text, string[] names) => (Text, _names) = (text, names);

    /// <summary>The sentence, on one line and without a full stop.</summary>
    public string Text { get; }

    /// <summary>What a site said: the sentence if it is one, and <see cref="SiteSentences.Other"/> for everything else. Nobody has to be believed.</summary>
    public static SiteReason Read(string? said)
    {
        var read = said is { Length: <= Longest } ? SiteSentences.All.Select(sentence => sentence.Read(said)).FirstOrDefault(known => known is not null) : null;
        return read ?? SiteSentences.Other.Say();
    }

    /// <summary>The same where it calls nothing by a name but what is among these; else <see cref="SiteSentences.Other"/>.</summary>
    /// <param name="told">What the site was told in its order.</param>
    public SiteReason Within(IReadOnlySet<string> told) => _names.All(told.Contains) ? this : SiteSentences.Other.Say();

    /// <summary>Whether it is the same sentence.</summary>
    public bool Equals(SiteReason? other) => Text == other?.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
