using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedKim.Testing;

namespace FedKim.Certificates.Tests;

/// <summary>A consortium with its authority, and sites that have asked it.</summary>
internal sealed class Clinics : IDisposable
{
    public static readonly TimeSpan Year = TimeSpan.FromDays(365);

    private readonly TemporaryFolder _folder = new();

    public Clinics(string consortium = "clinics") => Authority = CertificateAuthority.Init(At("authority"), consortium, passphrase: null, Clock);

    public CertificateAuthority Authority { get; }

    public LateClock Clock { get; } = new();

    /// <summary>What a node that knows only the authority's files thinks of others.</summary>
    public PeerCheck Check => CheckWith(null);

    public void Dispose()
    {
        Authority.Dispose();
        _folder.Dispose();
    }

    public string At(params string[] parts) => Path.Combine([_folder.Path, .. parts]);

    public string Write(string name, string text) => _folder.Write(name, text);

    /// <summary>What a node thinks whose list is another one.</summary>
    public PeerCheck CheckWith(string? list) => new(
        "clinics", [Authority.Certificate], [], RevocationList.Read(list ?? Authority.RevokedList, [Authority.Certificate], "revoked.crl"));

    /// <summary>A certificate that the authority has signed for a site that has asked.</summary>
    public X509Certificate2 Signed(string site, PeerRole role, params string[] hosts) =>
        Authority.Sign(SiteRequest.Make(At($"{site}-{Guid.NewGuid():N}"), site, role, hosts), Year).Certificate();

    /// <summary>The files of a node, as it has them of its request and its bundle.</summary>
    public TrustFiles Files(string site, PeerRole role)
    {
        string folder = At($"{site}-{Guid.NewGuid():N}");
        return Files(folder, Authority.Sign(SiteRequest.Make(folder, site, role, []), Year).Pem);
    }

    /// <summary>The files of a node whose certificate is another's.</summary>
    /// <param name="folder">Where its key is.</param>
    /// <param name="certificate">In PEM.</param>
    public TrustFiles Files(string folder, string certificate)
    {
        TrustFiles files = new(Path.Combine(folder, "authority.pem"), Path.Combine(folder, "certificate.pem"), Path.Combine(folder, SiteRequest.KeyName), Path.Combine(folder, "revoked.crl"));
        File.Copy(At("authority", CertificateAuthority.CertificateName), files.Authority);
        File.WriteAllText(files.Certificate, certificate);
        File.Copy(At("authority", CertificateAuthority.RevokedName), files.Revoked!);
        return files;
    }

    /// <summary>What a node with these files goes by; what it says is an error of the test.</summary>
    public PeerTrust Trust(TrustFiles files, Action<string>? told = null) => PeerTrust.Load(files, Clock, told ?? (text => throw new InvalidOperationException(text)));

    /// <summary>A certificate with its key that the authority has signed and FedKim has not made: as SPIRE or a hospital's own would.</summary>
    /// <param name="change">What else it has.</param>
    /// <param name="uris">The URIs among its names.</param>
    public X509Certificate2 Foreign(Action<CertificateRequest> change, params string[] uris)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(key, uris);
        change(request);
        using var bare = request.Create(Authority.Certificate, Clock.GetUtcNow(), Clock.GetUtcNow() + Year, Guid.NewGuid().ToByteArray());
        using var whole = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    /// <inheritdoc cref="Foreign(Action{CertificateRequest}, string[])"/>
    public X509Certificate2 Foreign(params string[] uris) => Foreign(_ => { }, uris);

    /// <summary>What the authority's key makes of content that FedKim would not write: a certificate or a list.</summary>
    public byte[] Signed(byte[] content)
    {
        using var key = Authority.Certificate.GetECDsaPrivateKey()!;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(content);
            using (writer.PushSequence())
                writer.WriteObjectIdentifier("1.2.840.10045.4.3.2");
            writer.WriteBitString(key.SignData(content, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }

        return writer.Encode();
    }

    /// <summary>What somebody with a key asks for.</summary>
    public static CertificateRequest Request(ECDsa key, params string[] uris)
    {
        var request = new CertificateRequest("CN=anybody", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("anybody.example.org");
        foreach (string uri in uris)
            names.AddUri(new Uri(uri));
        request.CertificateExtensions.Add(names.Build());
        return request;
    }
}
