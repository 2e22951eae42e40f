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

    private const int MostHosts = 20;
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
    /// <exception cref="CertificateException">The site's name or a host's breaks its rule, or there is a key already.</exception>
    public static SiteRequest Make(string folder, string site, PeerRole role, IReadOnlyList<string> hosts)
    {
        if (!PeerId.IsSite(site))
            throw new CertificateException($"\"{site}\": {PeerId.SiteRule}");
        if (hosts.FirstOrDefault(host => !SubjectNames.IsHost(host)) is { } wrong)
            throw new CertificateException($"\"{wrong}\" is no DNS name or address under which a node is reached. Name it without a port, as server.example.org or 192.0.2.1.");
        PrivateKey.MakeFolder(folder);
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
            if (!PeerId.IsSite(site) || PeerId.RoleOf(Part(request.SubjectName, Unit)) is not { } role)
                throw new CertificateException($"{path} asks for \"{Plain.Text(request.SubjectName.Name)}\", which is no site and role of FedKim. Make it with: fedkim certs request");
            string[] hosts = SubjectNames.Hosts(request.CertificateExtensions);
            if (hosts.Length > MostHosts || hosts.FirstOrDefault(host => !SubjectNames.IsHost(host)) is not null)
                throw new CertificateException($"{path} asks for names of {site} that are no DNS names or addresses, or for more than {MostHosts}. Make it with: fedkim certs request");
            return PrivateKey.IsStrong(request.PublicKey)
                ? new SiteRequest(site, role, hosts, request.PublicKey)
                : throw new CertificateException($"{path} is for a weak key, or one of a kind that is not known. Make it with: fedkim certs request");
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException or AsnContentException or NotSupportedException)
        {
            throw new CertificateException($"{path} is no request for a certificate: {e.Message}", e);
        }
    }

    private static string Part(X500DistinguishedName name, string identifier) =>
        name.EnumerateRelativeDistinguishedNames()
            .FirstOrDefault(part => !part.HasMultipleElements && part.GetSingleElementType().Value == identifier)?.GetSingleElementValue() ?? "";
}
