using System.Collections.Immutable;
using System.IO.Compression;
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

    /// <summary>Writes it.</summary>
    /// <exception cref="IOException">The disk is full or fails; what stood there still stands.</exception>
    public void Write(string path)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(CertificateName, Certificate);
            Add(CertificateAuthority.CertificateName, Authority);
            Add(CertificateAuthority.RevokedName, Revoked);
            Add(ServersName, string.Concat(Servers.Select(server => server + "\n")));
            Add(NodeFileName, NodeFile);

            void Add(string name, string text)
            {
                var entry = zip.CreateEntry(name);
                // All may read it, whoever takes it out.
                entry.ExternalAttributes = Convert.ToInt32("644", 8) << 16;
                using var stream = entry.Open();
                stream.Write(Encoding.UTF8.GetBytes(text.EndsWith('\n') || text.Length == 0 ? text : text + "\n"));
            }
        }

        DurableFile.Write(path, bytes.ToArray(), DurableFile.Beside(path));
    }

    /// <summary>Writes its parts into a folder, beside the site's key. A node file that is there stays: it is the site's own by now.</summary>
    /// <exception cref="IOException">The disk is full or fails.</exception>
    public void WriteTo(string folder)
    {
        Put(CertificateName, Certificate);
        Put(CertificateAuthority.CertificateName, Authority);
        Put(CertificateAuthority.RevokedName, Revoked);
        Put(ServersName, string.Concat(Servers.Select(server => server + "\n")));
        if (NodeFile.Length > 0 && !File.Exists(Path.Combine(folder, NodeFileName)))
            Put(NodeFileName, NodeFile);

        void Put(string name, string text)
        {
            string path = Path.Combine(folder, name);
            DurableFile.Write(path, Encoding.UTF8.GetBytes(text), DurableFile.Beside(path));
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
        var check = new PeerCheck(
            PeerCheck.IdOf(own[0])?.Consortium ?? "", authorities, own[1..], RevocationList.Read(Revoked, authorities, $"{path}: {CertificateAuthority.RevokedName}"));
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
}
