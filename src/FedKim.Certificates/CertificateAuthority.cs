using System.Collections.Immutable;
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

    private const string KeyName = "authority.key";
    private const int SerialBytes = 16, MostLettersOfName = 64;
    private static readonly TimeSpan OwnLife = TimeSpan.FromDays(3653);

    // A node whose clock is behind takes a new certificate too, and one that is set back by an hour or more does not put everybody out.
    private static readonly TimeSpan Behind = TimeSpan.FromDays(1);

    // Lists tell times by the second.
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    private readonly string _folder;
    private readonly TimeProvider _clock;
    private readonly IssuedCertificates _issued;

    private CertificateAuthority(string folder, X509Certificate2 certificate, TimeProvider clock) =>
        (_folder, Certificate, _clock, _issued) = (folder, certificate, clock, new IssuedCertificates(folder));

    /// <summary>Its certificate, with the key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Whose authority it is.</summary>
    public string Consortium => Certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    /// <summary>The list of what it has taken back, in PEM.</summary>
    /// <exception cref="CertificateException">It cannot be read.</exception>
    public string RevokedList => PemFile.Read(Path.Combine(_folder, RevokedName), "the list of revoked certificates", PemFile.MostBytesOfList);

    /// <summary>What it has signed, by site and then by time.</summary>
    /// <exception cref="CertificateException">A file cannot be read.</exception>
    public ImmutableArray<IssuedCertificate> Certificates => _issued.All();

    /// <summary>Makes an authority.</summary>
    /// <param name="folder">A folder for it; it is made.</param>
    /// <param name="consortium">The consortium's name.</param>
    /// <param name="passphrase">What its key is enciphered with; null for the file's rights alone.</param>
    /// <param name="clock">The only source of time.</param>
    /// <exception cref="CertificateException">The name breaks its rule, or there is an authority already.</exception>
    public static CertificateAuthority Init(string folder, string consortium, string? passphrase, TimeProvider clock)
    {
        if (!PeerId.IsConsortium(consortium))
            throw new CertificateException($"\"{consortium}\": {PeerId.ConsortiumRule}");
        // As X.520 bounds a common name.
        if (consortium.Length > MostLettersOfName)
            throw new CertificateException($"\"{consortium}\": the name of an authority has {MostLettersOfName} letters at most.");
        PrivateKey.MakeFolder(folder);
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

    /// <summary>Whether an authority's key asks for a passphrase.</summary>
    /// <exception cref="CertificateException">There is no key.</exception>
    public static bool AsksForPassphrase(string folder) => PrivateKey.IsEnciphered(PemFile.Read(Path.Combine(folder, KeyName), "the key"));

    /// <summary>Signs what a site asks for.</summary>
    /// <param name="request">The request. Whether it is the site's own is for a person to find out, by its fingerprint.</param>
    /// <param name="life">How long it lasts; no longer than the authority's own.</param>
    /// <exception cref="CertificateException">The authority has ended.</exception>
    public IssuedCertificate Sign(SiteRequest request, TimeSpan life) => Sign(Identity(request.Site, request.Role), request.Hosts, request.Key, life);

    /// <summary>
    /// Signs the key of a site's latest certificate again, with the same names. The key stays, so that nothing secret
    /// moves and its fingerprint, which a person has compared, still holds. A new key is a new request.
    /// </summary>
    /// <exception cref="CertificateException">There is none that counts, or the authority has ended.</exception>
    public IssuedCertificate Renew(string site, TimeSpan life)
    {
        var last = Certificates.LastOrDefault(c => c.Id.Site == site && c.Revoked is null)
            ?? throw new CertificateException($"{site} has no certificate of {Consortium} that could be renewed. Sign a request of it: fedkim certs request, at the site.");
        using var certificate = last.Certificate();
        return Sign(last.Id, last.Hosts, certificate.PublicKey, life);
    }

    /// <summary>Takes certificates back: one by its serial number, or all of a site. What was taken back stays so.</summary>
    /// <returns>Those that counted until now, as they are from now on.</returns>
    /// <exception cref="CertificateException">None is called so.</exception>
    public ImmutableArray<IssuedCertificate> Revoke(string which)
    {
        ImmutableArray<IssuedCertificate> meant = [.. Certificates.Where(c => c.Serial.Equals(which, StringComparison.OrdinalIgnoreCase) || c.Id.Site == which)];
        if (meant.IsEmpty)
            throw new CertificateException($"{Consortium} has signed nothing for \"{which}\". See: fedkim certs list");
        var now = _clock.GetUtcNow();
        ImmutableArray<IssuedCertificate> taken = [.. meant.Where(c => c.Revoked is null).Select(c => c with { Revoked = now })];
        foreach (var certificate in taken)
            _issued.Revoke(certificate.Serial, now);
        WriteRevoked();
        return taken;
    }

    /// <inheritdoc/>
    public void Dispose() => Certificate.Dispose();

    private IssuedCertificate Sign(PeerId id, IReadOnlyList<string> hosts, PublicKey key, TimeSpan life)
    {
        var request = new CertificateRequest(new X500DistinguishedName($"CN={id.Site}, OU={PeerId.Name(id.Role)}"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(PeerCheck.BothEnds);
        request.CertificateExtensions.Add(SubjectNames.Extension(id, hosts));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        byte[] serial = RandomNumberGenerator.GetBytes(SerialBytes);
        // Above zero, and of one length.
        serial[0] = (byte)((serial[0] & 0x3f) | 0x40);
        DateTimeOffset now = _clock.GetUtcNow(), begin = Certificate.NotBefore, end = Certificate.NotAfter;
        if (now < begin || now >= end)
            throw new CertificateException($"The authority of {Consortium} counts from {begin.ToUniversalTime():u} until {end.ToUniversalTime():u}, and it is {now:u} here. Mend the clock, or make a new authority: fedkim certs init");
        using var certificate = request.Create(Certificate, now - Behind < begin ? begin : now - Behind, now + life > end ? end : now + life, serial);
        return _issued.Add(certificate);
    }

    private PeerId Identity(string site, PeerRole role) =>
        PeerId.Of(Consortium, role, site) ?? throw new CertificateException($"{_folder}: the authority is of \"{Plain.Text(Consortium)}\": {PeerId.ConsortiumRule}");

    // A list that is no newer than the one before it is refused by whoever has that, and a clock may have been set back.
    private void WriteRevoked()
    {
        DateTimeOffset now = _clock.GetUtcNow(), next = LastList() is { } last ? last + OneSecond : now;
        PemFile.Write(Path.Combine(_folder, RevokedName), RevocationList.Write(
            Certificate, Certificates.Where(c => c.Revoked is not null).Select(c => (Convert.FromHexString(c.Serial), c.Revoked!.Value)), next > now ? next : now));
    }

    // Null where there is none, or none that can be read: what is to be taken back does not wait for that.
    private DateTimeOffset? LastList()
    {
        try
        {
            return RevocationList.Read(RevokedList, [Certificate], RevokedName).Max(list => list.MadeAt);
        }
        catch (CertificateException)
        {
            return null;
        }
    }
}
