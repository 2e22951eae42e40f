namespace FedKim.Certificates;

/// <summary>
/// Who a peer is: a SPIFFE id, <c>spiffe://CONSORTIUM/ROLE/SITE</c> (SPIFFE-ID 1.0), the one URI among its certificate's alternative names.
/// There is no other way to make one than from what holds the rules.
/// </summary>
public sealed record PeerId
{
    private const string Scheme = "spiffe://";
    private const int MostLetters = 63, MostLettersOfConsortium = 255;

    private PeerId(string consortium, PeerRole role, string site) => (Consortium, Role, Site) = (consortium, role, site);

    /// <summary>The sites that share an authority: SPIFFE's trust domain.</summary>
    public string Consortium { get; }

    /// <summary>As what it may speak.</summary>
    public PeerRole Role { get; }

    /// <summary>The site: lower-case letters, digits and hyphens, with a letter or digit at both ends.</summary>
    public string Site { get; }

    /// <summary>What a consortium may be called, to go on after its name in an error.</summary>
    public static string ConsortiumRule { get; } = $"a consortium's name has 1 to {MostLettersOfConsortium} lower-case letters, digits, dots, hyphens and underscores.";

    /// <summary>What a site may be called, to go on after its name in an error.</summary>
    public static string SiteRule { get; } = $"a site's name has 1 to {MostLetters} lower-case letters, digits and hyphens, and starts and ends with a letter or digit.";

    /// <summary>Makes one of its parts; null where one breaks its rule.</summary>
    public static PeerId? Of(string consortium, PeerRole role, string site) =>
        IsConsortium(consortium) && IsSite(site) && Enum.IsDefined(role) ? new PeerId(consortium, role, site) : null;

    /// <summary>Reads one; null for any text that is none, letter by letter.</summary>
    public static PeerId? Parse(string text) =>
        text.StartsWith(Scheme, StringComparison.Ordinal) && text[Scheme.Length..].Split('/') is [var consortium, var role, var site] && RoleOf(role) is { } known
            ? Of(consortium, known, site)
            : null;

    /// <summary>The role of this name; null where there is none.</summary>
    public static PeerRole? RoleOf(string text) => Enum.GetValues<PeerRole>().Cast<PeerRole?>().FirstOrDefault(role => Name(role!.Value) == text);

    /// <summary>A role as it is written.</summary>
    public static string Name(PeerRole role) => role.ToString().ToLowerInvariant();

    /// <summary>Whether a consortium may be called so.</summary>
    public static bool IsConsortium(string text) =>
        text.Length is > 0 and <= MostLettersOfConsortium && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or '_');

    /// <summary>Whether a site may be called so.</summary>
    public static bool IsSite(string text) =>
        text.Length is > 0 and <= MostLetters && text[0] != '-' && text[^1] != '-' && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-');

    /// <inheritdoc/>
    public override string ToString() => $"{Scheme}{Consortium}/{Name(Role)}/{Site}";
}
