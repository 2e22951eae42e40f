using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates;

/// <summary>
/// The authority of a consortium, as a folder of files: its certificate and key, what it has signed, and what it has taken back. One person keeps
/// it, away from every node.
/// </summary>
public sealed class CertificateAuthority : IDisposable
{
    /// <summary>Files of its folder that nodes get too.</summary>
    public const string CertificateName = "authority.pem", RevokedName = "revoked.crl";

    private const string KeyName = "authority.key", Issued = "issued", Revoked = "revoked";
    private const int SerialBytes = 16;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1", ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private static readonly TimeSpan OwnLife = TimeSpan.FromDays(3653);

    // A node whose clock is a little behind takes a new certificate too.
    private static readonly TimeSpan Behind = TimeSpan.FromMinutes(10);

    private readonly string _folder;
    private readonly TimeProvider _clock;

    private CertificateAuthority(string folder, X509Certificate2 certificate, TimeProvider clock) => (_folder, Certificate, _clock) = (folder, certificate, clock);

    /// <summary>Its certificate, with the key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Whose authority it is.</summary>
    public string Consortium => Certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    /// <summary>The list of what it has taken back, in PEM.</summary>
    public string RevokedList => PemFile.Read(Path.Combine(_folder, RevokedName), "the list of revoked certificates");

    /// <summary>What it has signed, by site and then by time.</summary>
    public ImmutableArray<IssuedCertificate> Certificates => Directory.Exists(Path.Combine(_folder, Issued))
        ? [.. Directory.EnumerateFiles(Path.Combine(_folder, Issued), "*.pem").Select(Of).OrderBy(c => c.Id.Site, StringComparer.Ordinal).ThenBy(c => c.Begins)]
        : [];

    /// <summary>Makes an authority.</summary>
    /// <param name="folder">A new folder for it.</param>
    /// <param name="consortium">The consortium's name.</param>
    /// <param name="passphrase">What its key is enciphered with; null for the file's rights alone.</param>
    /// <param name="clock">The only source of time.</param>
    /// <exception cref="CertificateException">The name breaks its rule, or there is an authority already.</exception>
    public static CertificateAuthority Init(string folder, string consortium, string? passphrase, TimeProvider clock)
    {
        if (!PeerId.IsConsortium(consortium))
            throw new CertificateException($"\"{consortium}\": {PeerId.ConsortiumRule}");
        Directory.CreateDirectory(folder);
        using var key = PrivateKey.Make();
        var request = new CertificateRequest($"CN={consortium}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = clock.GetUtcNow();
        var certificate = request.CreateSelfSigned(now - Behind, now + OwnLife);
        PrivateKey.Write(Path.Combine(folder, KeyName), key, passphrase);
        PemFile.Write(Path.Combine(folder, CertificateName), certificate.ExportCertificatePem());
        var made = new CertificateAuthority(folder, certificate, clock);
        made.WriteRevoked();
        return made;
    }

    /// <summary>Opens one.</summary>
    /// <exception cref="CertificateException">There is none, its key is under another passphrase, or is not its certificate's.</exception>
    public static CertificateAuthority Open(string folder, string? passphrase, TimeProvider clock)
    {
        using var key = PrivateKey.Read(Path.Combine(folder, KeyName), passphrase);
        using var certificate = PemFile.Certificate(Path.Combine(folder, CertificateName));
        try
        {
            return new CertificateAuthority(folder, certificate.CopyWithPrivateKey(key), clock);
        }
        catch (ArgumentException e)
        {
            throw new CertificateException($"{folder}: {KeyName} is not the key of {CertificateName}. Bring both files back from one copy.", e);
        }
    }

    /// <summary>Signs what a site asks for; the caller owns the certificate.</summary>
    /// <param name="request">The request, whose fingerprint was compared.</param>
    /// <param name="life">How long it lasts; no longer than the authority's own.</param>
    public X509Certificate2 Sign(SiteRequest request, TimeSpan life) => Sign(Identity(request.Site, request.Role), request.Hosts, request.Key, life);

    /// <summary>Signs the key of a site's latest certificate again, with the same names; the caller owns the certificate.</summary>
    /// <exception cref="CertificateException">There is none that counts.</exception>
    public X509Certificate2 Renew(string site, TimeSpan life)
    {
        var last = Certificates.LastOrDefault(c => c.Id.Site == site && c.Revoked is null)
            ?? throw new CertificateException($"{site} has no certificate of {Consortium} that counts. Sign a request of it: fedkim certs request, at the site.");
        using var certificate = PemFile.Certificate(PathOf(last.Serial));
        return Sign(last.Id, SubjectNames.Hosts(certificate.Extensions), certificate.PublicKey, life);
    }

    /// <summary>Takes certificates back: one by its serial number, or all of a site. What was taken back stays so.</summary>
    /// <returns>Those that counted until now.</returns>
    /// <exception cref="CertificateException">None is called so.</exception>
    public ImmutableArray<IssuedCertificate> Revoke(string which)
    {
        ImmutableArray<IssuedCertificate> meant = [.. Certificates.Where(c => c.Serial == which || c.Id.Site == which)];
        if (meant.IsEmpty)
            throw new CertificateException($"{Consortium} has signed nothing for \"{which}\". See: fedkim certs list");
        Directory.CreateDirectory(Path.Combine(_folder, Revoked));
        ImmutableArray<IssuedCertificate> counted = [.. meant.Where(c => c.Revoked is null)];
        foreach (var certificate in counted)
            PemFile.Write(Path.Combine(_folder, Revoked, certificate.Serial), _clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
        WriteRevoked();
        return counted;
    }

    /// <inheritdoc/>
    public void Dispose() => Certificate.Dispose();

    private X509Certificate2 Sign(PeerId id, IReadOnlyList<string> hosts, PublicKey key, TimeSpan life)
    {
        var request = new CertificateRequest(new X500DistinguishedName($"CN={id.Site}, OU={PeerId.Name(id.Role)}"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication), new Oid(ClientAuthentication)], false));
        request.CertificateExtensions.Add(SubjectNames.Extension(id, hosts));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        byte[] serial = RandomNumberGenerator.GetBytes(SerialBytes);
        // Above zero, and of one length.
        serial[0] = (byte)((serial[0] & 0x3f) | 0x40);
        var now = _clock.GetUtcNow();
        var end = now + life < Certificate.NotAfter ? now + life : Certificate.NotAfter.ToUniversalTime();
        var certificate = request.Create(Certificate, now - Behind, end, serial);
        Directory.CreateDirectory(Path.Combine(_folder, Issued));
        PemFile.Write(PathOf(Convert.ToHexStringLower(serial)), certificate.ExportCertificatePem());
        return certificate;
    }

    private PeerId Identity(string site, PeerRole role) =>
        PeerId.Of(Consortium, role, site) ?? throw new CertificateException($"{_folder}: the authority is of \"{Consortium}\": {PeerId.ConsortiumRule}");

    private string PathOf(string serial) => Path.Combine(_folder, Issued, serial + ".pem");

    private IssuedCertificate Of(string file)
    {
        using var certificate = PemFile.Certificate(file);
        string serial = Path.GetFileNameWithoutExtension(file), revoked = Path.Combine(_folder, Revoked, serial);
        var id = PeerCheck.IdOf(certificate) ?? throw new CertificateException($"{file} was not signed by this authority: it names nobody. Take it out of {Issued}.");
        DateTimeOffset? taken = File.Exists(revoked)
            ? DateTimeOffset.Parse(PemFile.Read(revoked, "when it was revoked").Trim(), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind)
            : null;
        return new IssuedCertificate(serial, id, certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime(), SpokenPrint.Of(certificate.PublicKey), taken);
    }

    private void WriteRevoked()
    {
        ImmutableArray<IssuedCertificate> taken = [.. Certificates.Where(c => c.Revoked is not null)];
        PemFile.Write(
            Path.Combine(_folder, RevokedName),
            RevocationList.Write(Certificate, taken.Length + 1, taken.Select(c => (Convert.FromHexString(c.Serial), c.Revoked!.Value)), _clock.GetUtcNow()));
    }
}

/// <summary>A certificate that an authority has signed.</summary>
/// <param name="Serial">Its serial number, in hexadecimal.</param>
/// <param name="Id">Whose it is.</param>
/// <param name="Begins">From when it counts.</param>
/// <param name="Ends">Until when.</param>
/// <param name="Print">Its key's fingerprint, to be read out.</param>
/// <param name="Revoked">When it was taken back; null where it was not.</param>
public sealed record IssuedCertificate(string Serial, PeerId Id, DateTimeOffset Begins, DateTimeOffset Ends, string Print, DateTimeOffset? Revoked);
