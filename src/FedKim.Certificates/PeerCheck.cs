using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates;

/// <summary>
/// Whether a certificate says who its holder is, and whether that counts: signed by the consortium's authority, in its time, not revoked, with
/// one identity. Asked at every handshake; it keeps nothing.
/// </summary>
/// <param name="trust">What a node goes by now: its files may have changed.</param>
/// <param name="clock">The only source of time.</param>
public sealed class PeerCheck(Func<PeerTrust> trust, TimeProvider clock)
{
    /// <summary>Looks at a peer's certificate.</summary>
    /// <param name="certificate">What it has shown; null where it showed none.</param>
    /// <param name="beside">What it has shown besides: authorities between its own and the root.</param>
    public PeerVerdict Judge(X509Certificate2? certificate, IEnumerable<X509Certificate2>? beside = null)
    {
        if (certificate is null)
            return PeerVerdict.Refused(null, "it shows no certificate");
        var now = trust();
        string subject = certificate.Subject;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(now.Authority);
        foreach (var between in beside ?? [])
            chain.ChainPolicy.ExtraStore.Add(between);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = clock.GetUtcNow().UtcDateTime;
        if (!chain.Build(certificate))
            return PeerVerdict.Refused(subject, Why(chain, certificate));
        if (chain.ChainElements.Any(element => now.Revoked?.Names(element.Certificate) ?? false))
            return PeerVerdict.Refused(subject, "its certificate is revoked");
        return IdOf(certificate) switch
        {
            null => PeerVerdict.Refused(subject, "its certificate names nobody: it must have exactly one URI, spiffe://CONSORTIUM/ROLE/SITE"),
            var id when id.Consortium != now.Consortium => PeerVerdict.Refused(subject, $"it is {id}, of another consortium than {now.Consortium}"),
            var id => new PeerVerdict(id, subject, null),
        };
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

    private string Why(X509Chain chain, X509Certificate2 certificate)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if (status.HasFlag(X509ChainStatusFlags.PartialChain) || status.HasFlag(X509ChainStatusFlags.UntrustedRoot))
            return "its certificate was signed by another authority";
        if (!status.HasFlag(X509ChainStatusFlags.NotTimeValid))
            return $"its certificate cannot be used: {string.Join(", ", chain.ChainStatus.Select(one => one.Status))}";
        var now = clock.GetUtcNow();
        return now > certificate.NotAfter
            ? $"its certificate ended at {certificate.NotAfter.ToUniversalTime():u}; it is {now:u} here"
            : $"its certificate begins at {certificate.NotBefore.ToUniversalTime():u}; it is {now:u} here. Are both clocks right?";
    }
}

/// <summary>What a node goes by.</summary>
/// <param name="Consortium">Whose peers it speaks with.</param>
/// <param name="Authority">Who signs for them.</param>
/// <param name="Revoked">What the authority has taken back; null where there is no list yet.</param>
public sealed record PeerTrust(string Consortium, X509Certificate2 Authority, RevocationList? Revoked);

/// <summary>What is to be thought of a peer.</summary>
/// <param name="Id">Who it is; null where its word does not count.</param>
/// <param name="Subject">Its certificate's subject, for logs; null where it showed none.</param>
/// <param name="Problem">Why its word does not count, to go on after what was tried; null where it does.</param>
public sealed record PeerVerdict(PeerId? Id, string? Subject, string? Problem)
{
    internal static PeerVerdict Refused(string? subject, string problem) => new(null, subject, problem);
}
