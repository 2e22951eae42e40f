using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FedKim.Parameters;

namespace FedKim.Certificates;

/// <summary>
/// What a site gets from its authority, as one file (zip): its certificate, the authority's, what was revoked until then, where the servers are, and
/// a node file. Nothing in it is secret, and all of it is of use only with the site's key.
/// </summary>
/// <param name="Certificate">The site's certificate, in PEM.</param>
/// <param name="Authority">The authority's.</param>
/// <param name="Revoked">Its list of revoked ones.</param>
/// <param name="Servers">Where servers are reached, as host:port. Text from outside: still to be judged.</param>
/// <param name="NodeFile">The site's node file, in HOCON; empty for who is no node.</param>
public sealed record SiteBundle(string Certificate, string Authority, string Revoked, ImmutableArray<string> Servers, string NodeFile)
{
    /// <summary>Parts of a bundle beside those that have the name they have at the authority.</summary>
    public const string CertificateName = "certificate.pem", ServersName = "servers.txt", NodeFileName = "node.conf";

    private const int MostBytes = 4 << 20;

    private IEnumerable<(string Name, string Text)> Parts =>
        from part in new (string Name, string Text)[]
        {
            (CertificateName, Certificate), (CertificateAuthority.CertificateName, Authority), (CertificateAuthority.RevokedName, Revoked),
            (ServersName, string.Concat(Servers.Select(server => server + "\n"))), (NodeFileName, NodeFile),
        }
        select (part.Name, part.Text.EndsWith('\n') || part.Text.Length == 0 ? part.Text : part.Text + "\n");

    /// <summary>Writes it.</summary>
    /// <exception cref="IOException">The disk is full or fails; what stood there still stands.</exception>
    public void Write(string path)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in Parts)
            {
                var entry = zip.CreateEntry(name);
                // All may read it, whoever takes it out.
                entry.ExternalAttributes = Convert.ToInt32("644", 8) << 16;
                using var stream = entry.Open();
                stream.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        DurableFile.Write(path, bytes.ToArray(), DurableFile.Beside(path));
    }

    /// <summary>Writes its parts into a folder, beside the site's key. A node file that is there stays: it is the site's own by now.</summary>
    /// <returns>The names of those that were not there, or said something else.</returns>
    /// <exception cref="IOException">The disk is full or fails.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not this account's to write to.</exception>
    public ImmutableArray<string> WriteTo(string folder)
    {
        ImmutableArray<(string Name, string Text)> missing = [.. Parts.Where(part => !Stays(part.Name, part.Text))];
        foreach (var (name, text) in missing)
        {
            string path = Path.Combine(folder, name);
            DurableFile.Write(path, Encoding.UTF8.GetBytes(text), DurableFile.Beside(path));
        }
        return [.. missing.Select(part => part.Name)];

        bool Stays(string name, string text)
        {
            string path = Path.Combine(folder, name);
            return name == NodeFileName ? text.Length == 0 || File.Exists(path) : File.Exists(path) && File.ReadAllText(path) == text;
        }
    }

    /// <summary>
    /// The bundle as a folder takes it: what is newer there stays. An older bundle brings back neither a certificate that was renewed since, nor a list
    /// from before a revocation.
    /// </summary>
    /// <param name="folder">The folder of the site's key.</param>
    /// <param name="path">Where the bundle is from, for errors.</param>
    /// <exception cref="CertificateException">A part of the bundle cannot be read.</exception>
    public SiteBundle Beside(string folder, string path)
    {
        var kept = this;
        using var own = PemFile.Certificates(Certificate, $"{path}: {CertificateName}")[0];
        var lists = Lists(path);
        var authorities = PemFile.Certificates(Authority, path);
        if ((There(CertificateName), There(CertificateAuthority.CertificateName)) is ({ } certificate, { } authority)
            && Readable(() => IsRenewed(PemFile.Certificates(certificate, folder)[0], own)))
        {
            kept = kept with { Certificate = certificate, Authority = authority };
        }
        if (There(CertificateAuthority.RevokedName) is { } list && Readable(() => RevocationList.Read(list, authorities, folder).Any(now => lists.Any(old => old.IsBefore(now)))))
            kept = kept with { Revoked = list };
        return kept;

        string? There(string name) => Readable(() => PemFile.Read(Path.Combine(folder, name), name, PemFile.MostBytesOfList));

        // What cannot be read there is no reason to keep it.
        static T? Readable<T>(Func<T> read)
        {
            try
            {
                return read();
            }
            catch (CertificateException)
            {
                return default;
            }
        }
    }

    /// <summary>Whether its certificate is for the key in a file. Nobody can tell of a key under a passphrase, and a node could not use it.</summary>
    /// <param name="path">Where the bundle is from, for errors.</param>
    /// <param name="key">The key's file.</param>
    /// <exception cref="CertificateException">One of the two cannot be read.</exception>
    public bool IsFor(string path, string key)
    {
        using var own = PemFile.Certificates(Certificate, $"{path}: {CertificateName}")[0];
        return PrivateKey.IsOf(own, PemFile.Read(key, "the site's key"));
    }

    /// <summary>Its lists of what was revoked.</summary>
    /// <param name="path">Where it is from, for errors.</param>
    /// <exception cref="CertificateException">They cannot be read.</exception>
    public ImmutableArray<RevocationList> Lists(string path) => RevocationList.Read(
        Revoked, PemFile.Certificates(Authority, $"{path}: {CertificateAuthority.CertificateName}"), $"{path}: {CertificateAuthority.RevokedName}");

    /// <summary>Its authorities, as they say of themselves.</summary>
    /// <param name="path">Where it is from, for errors.</param>
    /// <exception cref="CertificateException">They cannot be read.</exception>
    public ImmutableArray<ShownCertificate> Authorities(string path) => Shown(Authority, $"{path}: {CertificateAuthority.CertificateName}");

    /// <summary>
    /// Those of its authorities that must be known for their own sake, as they say of themselves: not those between, which are believed as far as
    /// one of these has signed them.
    /// </summary>
    /// <param name="path">Where it is from, for errors.</param>
    /// <exception cref="CertificateException">They cannot be read.</exception>
    public ImmutableArray<ShownCertificate> Roots(string path)
    {
        var all = PemFile.Certificates(Authority, $"{path}: {CertificateAuthority.CertificateName}");
        try
        {
            ImmutableArray<X509Certificate2> roots = [.. all.Where(IsOfItself)];
            return [.. all.Where(one => IsOfItself(one) || !PeerCheck.IsBelow(one, roots, all)).Select(ShownCertificate.Of)];
        }
        finally
        {
            foreach (var certificate in all)
                certificate.Dispose();
        }
    }

    /// <summary>The authorities that a site's folder has already; none where it has none that can be read.</summary>
    public static ImmutableArray<ShownCertificate> AuthoritiesIn(string folder)
    {
        string path = Path.Combine(folder, CertificateAuthority.CertificateName);
        try
        {
            return File.Exists(path) ? Shown(PemFile.Read(path, CertificateAuthority.CertificateName, PemFile.MostBytes), path) : [];
        }
        catch (CertificateException)
        {
            return [];
        }
    }

    /// <summary>Whether its certificate counts for a node that goes by its authority and list. Who brought both is another question.</summary>
    /// <param name="path">Where it is from, for errors.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="CertificateException">A part of it cannot be read.</exception>
    public PeerVerdict Check(string path, DateTimeOffset now)
    {
        var authorities = PemFile.Certificates(Authority, $"{path}: {CertificateAuthority.CertificateName}");
        var own = PemFile.Certificates(Certificate, $"{path}: {CertificateName}");
        var check = new PeerCheck(PeerCheck.IdOf(own[0])?.Consortium ?? "", authorities, own[1..], Lists(path));
        return check.Judge(own[0], null, now);
    }

    /// <summary>What its certificate says.</summary>
    /// <param name="path">Where it is from, for errors.</param>
    /// <exception cref="CertificateException">It cannot be read.</exception>
    public ShownCertificate Show(string path)
    {
        using var own = PemFile.Certificates(Certificate, $"{path}: {CertificateName}")[0];
        return ShownCertificate.Of(own);
    }

    /// <summary>Reads one. Only parts that a bundle has are looked at, by their names; nothing is taken out of it onto the disk.</summary>
    /// <exception cref="CertificateException">It is none, or lacks a part.</exception>
    public static SiteBundle Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            byte[] bytes = PemFile.Bytes(file, MostBytes) ?? throw new CertificateException($"{path} is larger than a bundle ever is ({MostBytes} bytes). Check the path.");
            using var zip = new ZipArchive(new MemoryStream(bytes, writable: false), ZipArchiveMode.Read);
            return new SiteBundle(
                Part(CertificateName, PemFile.MostBytes),
                Part(CertificateAuthority.CertificateName, PemFile.MostBytes),
                Part(CertificateAuthority.RevokedName, PemFile.MostBytesOfList),
                [.. Part(ServersName, PemFile.MostBytes).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)],
                Part(NodeFileName, PemFile.MostBytes));

            // What an archive says of a part's length is text, too.
            string Part(string name, int most)
            {
                var entry = zip.GetEntry(name) ?? throw new CertificateException($"{path} is no bundle of a site: it has no {name}. Ask for the file that fedkim certs sign has written.");
                using var stream = entry.Open();
                return PemFile.Read(stream, most) ?? throw new CertificateException($"{path}: {name} is larger than it ever is ({most} bytes). Ask for the file that fedkim certs sign has written.");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new CertificateException($"{path} cannot be read as the bundle of a site: {e.Message}", e);
        }
    }

    private static ImmutableArray<ShownCertificate> Shown(string certificates, string path)
    {
        var read = PemFile.Certificates(certificates, path);
        try
        {
            return [.. read.Select(ShownCertificate.Of)];
        }
        finally
        {
            foreach (var certificate in read)
                certificate.Dispose();
        }
    }

    private static bool IsOfItself(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    private static bool IsRenewed(X509Certificate2 now, X509Certificate2 before) =>
        now.NotBefore > before.NotBefore && PeerCheck.IdOf(now) == PeerCheck.IdOf(before)
        && now.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(before.PublicKey.ExportSubjectPublicKeyInfo());
}
