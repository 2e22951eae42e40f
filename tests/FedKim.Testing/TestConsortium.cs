using FedKim.Certificates;

namespace FedKim.Testing;

/// <summary>A consortium's authority in a folder that goes with it, and the certificates of whoever a test needs.</summary>
public sealed class TestConsortium : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<PeerTrust> _trusts = [];
    private readonly CertificateAuthority _authority;
    private int _issued;

    public TestConsortium(string name = "clinics") => _authority = CertificateAuthority.Init(Path.Combine(_folder.Path, "authority"), name, passphrase: null, TimeProvider.System);

    /// <summary>The files of a new certificate.</summary>
    /// <param name="site">The site.</param>
    /// <param name="role">Its role.</param>
    /// <param name="life">How long it lasts; null for a day.</param>
    public TrustFiles Issue(string site, PeerRole role, TimeSpan? life = null)
    {
        string folder = Path.Combine(_folder.Path, $"{++_issued}-{site}"), certificate = Path.Combine(folder, "certificate.pem");
        var request = SiteRequest.Make(folder, site, role, ["127.0.0.1"]);
        File.WriteAllText(certificate, _authority.Sign(request, life ?? TimeSpan.FromDays(1)).Pem);
        return new TrustFiles(
            Path.Combine(_folder.Path, "authority", CertificateAuthority.CertificateName), certificate, Path.Combine(folder, SiteRequest.KeyName),
            Path.Combine(_folder.Path, "authority", CertificateAuthority.RevokedName));
    }

    /// <summary>A new peer with a new certificate.</summary>
    /// <param name="refused">Told whom it refuses.</param>
    public PeerTls Peer(string site, PeerRole role, Action<PeerVerdict>? refused = null) => Peer(Issue(site, role), refused);

    /// <summary>A peer with these files.</summary>
    public PeerTls Peer(TrustFiles files, Action<PeerVerdict>? refused = null)
    {
        var trust = PeerTrust.Load(files, TimeProvider.System, problem => throw new InvalidOperationException(problem));
        _trusts.Add(trust);
        return new PeerTls(trust) { Refused = refused ?? (_ => { }) };
    }

    /// <summary>Takes back all that a site has; whoever trusts this authority hears of it within seconds.</summary>
    public void Revoke(string site) => _authority.Revoke(site);

    public void Dispose()
    {
        foreach (var trust in _trusts)
            trust.Dispose();
        _authority.Dispose();
        _folder.Dispose();
    }
}
