using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates;

/// <summary>What a node's files said at one time.</summary>
/// <param name="Texts">The files.</param>
/// <param name="Id">Who the node is.</param>
/// <param name="Own">Its certificate, with the key.</param>
/// <param name="Context">The same for TLS, with the authorities between it and the root.</param>
/// <param name="Check">What it goes by.</param>
/// <param name="Revoked">What was taken back.</param>
internal sealed record TrustState(
    TrustState.FileTexts Texts, PeerId Id, X509Certificate2 Own, SslStreamCertificateContext Context, PeerCheck Check, ImmutableArray<RevocationList> Revoked)
{
    /// <summary>Makes one of files.</summary>
    /// <param name="files">Their paths, for errors.</param>
    /// <param name="texts">What they say.</param>
    /// <param name="before">What the node goes by until now; null at its start.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="CertificateException">They cannot be used, or would make another of the node, or give back what was taken.</exception>
    public static TrustState Of(TrustFiles files, FileTexts texts, TrustState? before, DateTimeOffset now)
    {
        var authorities = PemFile.Certificates(texts.Authority, files.Authority);
        ImmutableArray<X509Certificate2> roots = [.. authorities.Where(IsRoot)];
        if (roots.IsEmpty)
            throw new CertificateException($"{files.Authority} holds no root: no certificate in it has signed itself. Put the authority's own certificate there too.");
        var shown = PemFile.Certificates(texts.Certificate, files.Certificate);
        ImmutableArray<X509Certificate2> between = [.. authorities.Where(c => !IsRoot(c)), .. shown[1..].Where(c => !IsRoot(c))];
        var id = PeerCheck.IdOf(shown[0]) ?? throw new CertificateException($"{files.Certificate} names nobody: it must have exactly one URI, spiffe://CONSORTIUM/ROLE/SITE.");
        if (before is not null && before.Id != id)
            throw new CertificateException($"{files.Certificate} is now of {id}, and this node is {before.Id}. To be another, it has to be started again.");
        ImmutableArray<X509Certificate2> issuers = [.. between, .. before?.Check.Between ?? []];
        var revoked = texts.Revoked is { } list ? RevocationList.Read(list, [.. authorities, .. shown[1..], .. issuers], files.Revoked!) : [];
        foreach (var old in before?.Revoked ?? [])
        {
            if (revoked.FirstOrDefault(other => other.IsBefore(old)) is { } older)
                throw new CertificateException($"{files.Revoked} is of {older.MadeAt:u}, and the list in use of {old.MadeAt:u}: it would give back what was taken. Fetch the latest one.");
            if (!revoked.Any(old.IsOfSame) && Trusted(old, roots, issuers) is { } issuer)
                throw new CertificateException($"{files.Revoked} has no list of {Plain.Text(issuer.Subject)} any more, which is trusted: it would give back what was taken. Put its latest list there too.");
        }

        var check = new PeerCheck(id.Consortium, roots, issuers, revoked);
        var own = PrivateKey.Join(shown[0], files.Certificate, texts.Key, files.Key);
        // A list may take a running node's own certificate back; a certificate that nobody will believe is not taken up.
        if ((before is null || !texts.HasSameIdentity(before.Texts)) && check.Judge(shown[0], null, now).Problem is { } problem)
            throw new CertificateException($"{files.Certificate}: every peer would refuse it: {problem}. Ask the authority for a certificate that counts, and see that {files.Authority} is its own.");
        return new TrustState(texts, id, own, SslStreamCertificateContext.Create(own, [.. between], offline: true), check, revoked);
    }

    // The issuer of a list, where what it signs counts: it is a root, or below one.
    private static X509Certificate2? Trusted(RevocationList list, ImmutableArray<X509Certificate2> roots, ImmutableArray<X509Certificate2> issuers) =>
        roots.FirstOrDefault(list.IsOf) ?? issuers.FirstOrDefault(issuer => list.IsOf(issuer) && roots.Concat(issuers).Any(
            above => above.SubjectName.RawData.AsSpan().SequenceEqual(issuer.IssuerName.RawData)));

    private static bool IsRoot(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    /// <summary>What the files say.</summary>
    internal sealed record FileTexts(string Authority, string Certificate, string Key, string? Revoked)
    {
        /// <summary>Reads them.</summary>
        /// <exception cref="CertificateException">One cannot be read.</exception>
        public static FileTexts Read(TrustFiles files) => new(
            PemFile.Read(files.Authority, "the authority's certificate"),
            PemFile.Read(files.Certificate, "the node's certificate"),
            PemFile.Read(files.Key, "the node's key"),
            files.Revoked is { } list ? PemFile.Read(list, "the list of revoked certificates", PemFile.MostBytesOfList) : null);

        /// <summary>Whether only the list differs.</summary>
        public bool HasSameIdentity(FileTexts other) => this with { Revoked = null } == other with { Revoked = null };

        /// <summary>None of it: a key is no text to print.</summary>
        public override string ToString() => nameof(FileTexts);
    }
}
