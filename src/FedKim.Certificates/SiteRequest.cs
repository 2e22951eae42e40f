using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates;

/// <summary>
/// What a site asks an authority to sign (PKCS#10): its public key and who it says it is. Its private key stays where it was made. Whether the site
/// is who it says, the authority's keeper asks on another way: the fingerprint in words is for that.
/// </summary>
public sealed class SiteRequest
{
    /// <summary>Files of a site's folder.</summary>
    public const string KeyName = "site.key", RequestName = "request.pem";

    private const string CommonName = "2.5.4.3", Unit = "2.5.4.11";

    private SiteRequest(string site, PeerRole role, IReadOnlyList<string> hosts, PublicKey key) => (Site, Role, Hosts, Key) = (site, role, hosts, key);

    /// <summary>The site.</summary>
    public string Site { get; }

    /// <summary>As what it wants to speak.</summary>
    public PeerRole Role { get; }

    /// <summary>DNS names and addresses under which it is reached.</summary>
    public IReadOnlyList<string> Hosts { get; }

    /// <summary>Its key's fingerprint, to be read out.</summary>
    public string Print => SpokenPrint.Of(Key);

    internal PublicKey Key { get; }

    /// <summary>Makes a key and a request for it.</summary>
    /// <param name="folder">Where both are written; it is made.</param>
    /// <param name="site">The site.</param>
    /// <param name="role">As what it wants to speak.</param>
    /// <param name="hosts">DNS names and addresses under which it is reached; none for who only calls.</param>
    /// <exception cref="CertificateException">The site's name breaks its rule, or there is a key already.</exception>
    public static SiteRequest Make(string folder, string site, PeerRole role, IReadOnlyList<string> hosts)
    {
        if (!PeerId.IsSite(site))
            throw new CertificateException($"\"{site}\": {PeerId.SiteRule}");
        Directory.CreateDirectory(folder);
        using var key = PrivateKey.Make();
        var request = new CertificateRequest($"CN={site}, OU={PeerId.Name(role)}", key, HashAlgorithmName.SHA256);
        if (hosts.Count > 0)
            request.CertificateExtensions.Add(SubjectNames.Extension(null, hosts));
        string pem = request.CreateSigningRequestPem();
        PrivateKey.Write(Path.Combine(folder, KeyName), key, passphrase: null);
        PemFile.Write(Path.Combine(folder, RequestName), pem);
        return new SiteRequest(site, role, hosts, request.PublicKey);
    }

    /// <summary>Reads a request; its signature shows that whoever made it has the key.</summary>
    /// <exception cref="CertificateException">It is no request, or asks for no site and role.</exception>
    public static SiteRequest Read(string path)
    {
        string pem = PemFile.Read(path, "the request");
        try
        {
            // Of its extensions nothing counts but names under which it is reached.
            var request = CertificateRequest.LoadSigningRequestPem(pem, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
            string site = Part(request.SubjectName, CommonName);
            return PeerId.IsSite(site) && PeerId.RoleOf(Part(request.SubjectName, Unit)) is { } role
                ? new SiteRequest(site, role, SubjectNames.Hosts(request.CertificateExtensions), request.PublicKey)
                : throw new CertificateException($"{path} asks for \"{request.SubjectName.Name}\", which is no site and role of FedKim. Make it with: fedkim certs request");
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException or AsnContentException)
        {
            throw new CertificateException($"{path} is no request for a certificate: {e.Message}", e);
        }
    }

    private static string Part(X500DistinguishedName name, string identifier) =>
        name.EnumerateRelativeDistinguishedNames().FirstOrDefault(part => !part.HasMultipleElements && part.GetSingleElementType().Value == identifier)?.GetSingleElementValue() ?? "";
}
