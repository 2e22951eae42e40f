using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates;

/// <summary>
/// A node's own certificate and whom it trusts, as files that may change while it runs: a certificate that was renewed, a list of revoked ones that
/// was fetched. Whoever asks gets what the files say now; what cannot be read any more leaves what was read before.
/// </summary>
/// <param name="certificate">The node's certificate, in PEM, and those between it and the authority behind it.</param>
/// <param name="key">Its key.</param>
/// <param name="authority">The authority's certificate.</param>
/// <param name="revoked">The authority's list of revoked certificates; it need not be there.</param>
/// <param name="told">Told what cannot be read any more.</param>
public sealed class NodeCertificate(string certificate, string key, string authority, string revoked, Action<string> told)
{
    private readonly Lock _turn = new();
    private (long Certificate, long Key, long Authority, long Revoked) _stamps;
    private State? _state;

    /// <summary>Its certificate, with the key. It belongs to this object.</summary>
    /// <exception cref="CertificateException">The files cannot be used, and never could.</exception>
    public X509Certificate2 Own => Now().Own;

    /// <summary>Who it is.</summary>
    /// <exception cref="CertificateException">As for <see cref="Own"/>.</exception>
    public PeerId Id => Now().Id;

    /// <summary>What it goes by.</summary>
    /// <exception cref="CertificateException">As for <see cref="Own"/>.</exception>
    public PeerTrust Trust() => Now().Trust;

    private State Now()
    {
        lock (_turn)
        {
            var stamps = (Stamp(certificate), Stamp(key), Stamp(authority), Stamp(revoked));
            if (_state is { } known && stamps == _stamps)
                return known;
            try
            {
                (_state, _stamps) = (Read(), stamps);
            }
            catch (CertificateException e) when (_state is not null)
            {
                _stamps = stamps;
                told(e.Message);
            }

            return _state;
        }
    }

    private State Read()
    {
        using var secret = PrivateKey.Read(key, passphrase: null);
        using var bare = PemFile.Certificate(certificate);
        var root = PemFile.Certificate(authority);
        var id = PeerCheck.IdOf(bare) ?? throw new CertificateException($"{certificate} names nobody: it must have exactly one URI, spiffe://CONSORTIUM/ROLE/SITE.");
        try
        {
            using var whole = bare.CopyWithPrivateKey(secret);
            // On Linux a key belongs to its certificate only after it was read with it.
            var own = X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), password: null);
            var list = File.Exists(revoked) ? RevocationList.Read(PemFile.Read(revoked, "the list of revoked certificates"), root, revoked) : null;
            return new State(own, id, new PeerTrust(id.Consortium, root, list));
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new CertificateException($"{key} is not the key of {certificate}. Bring both from one place.", e);
        }
    }

    // A file that is replaced has another time; one that is not there has none.
    private static long Stamp(string path) => File.Exists(path) ? File.GetLastWriteTimeUtc(path).Ticks : 0;

    private sealed record State(X509Certificate2 Own, PeerId Id, PeerTrust Trust);
}
