using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedKim.Certificates;

namespace FedKim.Attackers;

/// <summary>
/// Makes certificates that look like a consortium's: some were signed by an authority of the same name, some by the consortium's own, whose keeper
/// was careless.
/// </summary>
/// <param name="folder">The folder of the consortium's authority.</param>
public sealed class Forger(string folder) : IDisposable
{
    private const string BothEnds = "1.3.6.1.5.5.7.3.1,1.3.6.1.5.5.7.3.2", ServerEnd = "1.3.6.1.5.5.7.3.1";

    private readonly CertificateAuthority _authority = CertificateAuthority.Open(folder, passphrase: null, TimeProvider.System);
    private readonly string _own = Directory.CreateTempSubdirectory("fedkim-forger-").FullName;
    private CertificateAuthority? _strangers;
    private int _made;

    /// <summary>The consortium's name.</summary>
    public string Consortium => _authority.Consortium;

    /// <summary>The name on a certificate of the consortium.</summary>
    public string Name(PeerRole role, string site) => PeerId.Of(Consortium, role, site)!.ToString();

    /// <summary>A certificate as the consortium gives it, which is good.</summary>
    public X509Certificate2 Good(string site, PeerRole role)
    {
        var files = GoodFiles(site, role);
        return X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
    }

    /// <summary>The same as a node has it.</summary>
    public TrustFiles GoodFiles(string site, PeerRole role)
    {
        string own = Path.Combine(_own, $"{++_made}-{site}"), certificate = Path.Combine(own, SiteBundle.CertificateName);
        var request = SiteRequest.Make(own, site, role, []);
        File.WriteAllText(certificate, _authority.Sign(request, TimeSpan.FromDays(1)).Pem);
        return new TrustFiles(
            Path.Combine(folder, CertificateAuthority.CertificateName), certificate, Path.Combine(own, SiteRequest.KeyName),
            Path.Combine(folder, CertificateAuthority.RevokedName));
    }

    /// <summary>Takes back all that a site has.</summary>
    public void Revoke(string site) => _authority.Revoke(site);

    /// <summary>One that another authority of the same name has signed.</summary>
    public X509Certificate2 OfStrangers(string site, PeerRole role)
    {
        _strangers ??= CertificateAuthority.Init(Path.Combine(_own, "strangers"), Consortium, passphrase: null, TimeProvider.System);
        return Sign(_strangers.Certificate, site, [Name(role, site)]);
    }

    /// <summary>One that signed itself.</summary>
    public X509Certificate2 OfItself(string site, PeerRole role) => Sign(null, site, [Name(role, site)]);

    /// <summary>One that has ended.</summary>
    public X509Certificate2 Expired(string site, PeerRole role) => Sign(_authority.Certificate, site, [Name(role, site)], ends: TimeSpan.FromMinutes(-1));

    /// <summary>One that says other names than one of this consortium.</summary>
    public X509Certificate2 Named(string site, params IReadOnlyList<string> names) => Sign(_authority.Certificate, site, names);

    /// <summary>One that is not meant for both ends.</summary>
    public X509Certificate2 OfOneEnd(string site, PeerRole role) => Sign(_authority.Certificate, site, [Name(role, site)], use: ServerEnd);

    /// <inheritdoc/>
    public void Dispose()
    {
        _strangers?.Dispose();
        _authority.Dispose();
        Directory.Delete(_own, recursive: true);
    }

    private static X509Certificate2 Sign(X509Certificate2? issuer, string site, IReadOnlyList<string> names, TimeSpan? ends = null, string use = BothEnds)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={site}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. use.Split(',').Select(id => new Oid(id))], false));
        var alternative = new SubjectAlternativeNameBuilder();
        foreach (string name in names)
            alternative.AddUri(new Uri(name));
        request.CertificateExtensions.Add(alternative.Build());
        var now = TimeProvider.System.GetUtcNow();
        DateTimeOffset begin = issuer?.NotBefore ?? now.AddHours(-1), end = now + (ends ?? TimeSpan.FromHours(1));
        if (end <= begin)
            begin = end.AddSeconds(-1);
        using var made = issuer is null
            ? request.CreateSelfSigned(begin, end)
            : request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer.GetECDsaPrivateKey()!), begin, end, RandomNumberGenerator.GetBytes(15));
        using var whole = issuer is null ? X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null) : made.CopyWithPrivateKey(key);
        // The key of a certificate belongs to it only after it was read back.
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }
}
