using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates;

/// <summary>
/// Whether a certificate says who its holder is, and whether that counts: signed by the consortium's authority, for both ends of TLS, in its time,
/// not revoked, with one identity. A chain that held is kept for as long as authority and list are the same: to build one costs a millisecond.
/// </summary>
/// <param name="consortium">Whose peers count.</param>
/// <param name="roots">Who is trusted to sign.</param>
/// <param name="between">Authorities between a root and its peers, which are believed only as far as a root has signed them.</param>
/// <param name="revoked">What was taken back.</param>
internal sealed class PeerCheck(string consortium, ImmutableArray<X509Certificate2> roots, IEnumerable<X509Certificate2> between, ImmutableArray<RevocationList> revoked)
{
    private const int MostKept = 10_000, MostBetween = 100;
    private const string ServerEnd = "1.3.6.1.5.5.7.3.1", ClientEnd = "1.3.6.1.5.5.7.3.2";

    private readonly ConcurrentDictionary<string, Held> _held = new();
    private readonly ConcurrentDictionary<string, X509Certificate2> _between = new(between.DistinctBy(Print).Select(c => KeyValuePair.Create(Print(c), c)));

    /// <summary>Those between that were met: a peer shows them at its handshake and never again.</summary>
    public IEnumerable<X509Certificate2> Between => _between.Values;

    /// <summary>How a chain is put together: up to a root of these, and nothing is fetched for it.</summary>
    public X509ChainPolicy Policy
    {
        get
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
            policy.CustomTrustStore.AddRange(roots.ToArray());
            return policy;
        }
    }

    /// <summary>Both ends of TLS, as a certificate says them.</summary>
    public static X509EnhancedKeyUsageExtension BothEnds => new([new Oid(ServerEnd), new Oid(ClientEnd)], false);

    /// <summary>Looks at a peer's certificate.</summary>
    /// <param name="certificate">What it has shown; null where it showed none.</param>
    /// <param name="shown">The chain that TLS made of what it has shown; of it only the certificates count, not what was found about them.</param>
    /// <param name="now">The time.</param>
    public PeerVerdict Judge(X509Certificate2? certificate, X509Chain? shown, DateTimeOffset now)
    {
        if (certificate is null)
            return PeerVerdict.Refused(null, "it shows no certificate");
        string print = Print(certificate);
        if (_held.TryGetValue(print, out var held) && held.From <= now && now <= held.Until)
            return new PeerVerdict(held.Id, held.Id.ToString(), null);
        var id = IdOf(certificate);
        string name = id?.ToString() ?? Plain.Text(certificate.Subject);
        using var chain = ChainOf(shown, now);
        string? problem = !chain.Build(certificate) ? Why(chain, certificate, now)
            : chain.ChainElements.Any(element => revoked.Any(list => list.Names(element.Certificate))) ? "its certificate is revoked"
            : IsAuthority(certificate) ? "its certificate is an authority's and not a node's"
            : id is null ? "its certificate names nobody: it must have exactly one URI, spiffe://CONSORTIUM/ROLE/SITE"
            : id.Consortium != consortium ? $"it is of another consortium than {consortium}"
            : null;
        if (problem is null)
            Keep(print, id!, chain);
        return problem is null ? new PeerVerdict(id, name, null) : PeerVerdict.Refused(name, problem);
    }

    /// <summary>Who a certificate says its holder is, whoever signed it; null where it says nobody, or several.</summary>
    public static PeerId? IdOf(X509Certificate2 certificate)
    {
        try
        {
            return SubjectNames.Uris(certificate.Extensions) is [var only] ? PeerId.Parse(only) : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>Whether one of the roots has signed an authority, by way of others where it must be; its time is looked at when it is used.</summary>
    public static bool IsBelow(X509Certificate2 authority, ImmutableArray<X509Certificate2> roots, ImmutableArray<X509Certificate2> between)
    {
        using var chain = new X509Chain { ChainPolicy = new PeerCheck("", roots, [], []).Policy };
        chain.ChainPolicy.ExtraStore.AddRange(between.ToArray());
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        return chain.Build(authority);
    }

    private X509Chain ChainOf(X509Chain? shown, DateTimeOffset now)
    {
        var chain = new X509Chain { ChainPolicy = Policy };
        var policy = chain.ChainPolicy;
        policy.ExtraStore.AddRange(_between.Values.ToArray());
        if (shown is not null)
        {
            policy.ExtraStore.AddRange(shown.ChainPolicy.ExtraStore);
            policy.ExtraStore.AddRange(shown.ChainElements.Select(element => element.Certificate).ToArray());
        }

        policy.VerificationTime = now.UtcDateTime;
        policy.ApplicationPolicy.Add(new Oid(ServerEnd));
        policy.ApplicationPolicy.Add(new Oid(ClientEnd));
        return chain;
    }

    private void Keep(string print, PeerId id, X509Chain chain)
    {
        // A full one begins anew: whoever is still there pays a millisecond once more.
        if (_held.Count >= MostKept)
            _held.Clear();
        var elements = chain.ChainElements.Select(element => element.Certificate).ToArray();
        _held[print] = new Held(id, elements.Max(c => c.NotBefore), elements.Min(c => c.NotAfter));
        foreach (var certificate in elements.Skip(1).SkipLast(1).Where(_ => _between.Count < MostBetween))
            _between.GetOrAdd(Print(certificate), _ => X509CertificateLoader.LoadCertificate(certificate.RawDataMemory.Span));
    }

    private static string Why(X509Chain chain, X509Certificate2 certificate, DateTimeOffset now)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        // An authority of the same name has another key, and so another signature.
        if ((status & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid)) != 0)
            return certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData) ? "it signed its certificate itself" : "its certificate was signed by another authority";
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
            return Time(chain.ChainElements.Select(element => element.Certificate).FirstOrDefault(c => now < c.NotBefore || now > c.NotAfter) ?? certificate, certificate, now);
        return status.HasFlag(X509ChainStatusFlags.NotValidForUsage)
            ? "its certificate is not for both ends of TLS (extended key usage serverAuth and clientAuth)"
            : $"its certificate cannot be used: {string.Join(", ", chain.ChainStatus.Select(one => one.Status))}";
    }

    private static string Time(X509Certificate2 wrong, X509Certificate2 certificate, DateTimeOffset now)
    {
        string what = wrong.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span) ? "its certificate" : $"the authority over it, {Plain.Text(wrong.Subject)},";
        return now > wrong.NotAfter
            ? $"{what} ended at {wrong.NotAfter.ToUniversalTime():u}; it is {now:u} here"
            : $"{what} begins at {wrong.NotBefore.ToUniversalTime():u}; it is {now:u} here. Are both clocks right?";
    }

    private static bool IsAuthority(X509Certificate2 certificate) => certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(basic => basic.CertificateAuthority);

    private static string Print(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256);

    private sealed record Held(PeerId Id, DateTimeOffset From, DateTimeOffset Until);
}
