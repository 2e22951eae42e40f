using System.IO.Compression;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FedKim.Parameters;

namespace FedKim.Certificates;

/// <summary>
/// What a site gets from its authority, as one file: its certificate, the authority's, and what was revoked until then. Nothing in it is secret, and
/// all of it is of use only with the site's key.
/// </summary>
/// <param name="Certificate">The site's certificate, in PEM.</param>
/// <param name="Authority">The authority's.</param>
/// <param name="Revoked">Its list of revoked ones.</param>
public sealed record SiteBundle(string Certificate, string Authority, string Revoked)
{
    /// <summary>The site's certificate in its bundle.</summary>
    public const string CertificateName = "certificate.pem";

    private const int MostBytes = 1 << 20;

    /// <summary>Writes the bundle of a certificate.</summary>
    /// <param name="path">The file.</param>
    /// <param name="certificate">What the authority has signed.</param>
    /// <param name="authority">The authority.</param>
    public static void Write(string path, X509Certificate2 certificate, CertificateAuthority authority)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, CertificateName, certificate.ExportCertificatePem() + "\n");
            Add(zip, CertificateAuthority.CertificateName, authority.Certificate.ExportCertificatePem() + "\n");
            Add(zip, CertificateAuthority.RevokedName, authority.RevokedList);
        }

        DurableFile.Write(path, bytes.ToArray(), DurableFile.Beside(path));
    }

    /// <summary>Reads a bundle. What it says is still to be judged.</summary>
    /// <exception cref="CertificateException">It is none, or lacks a part.</exception>
    public static SiteBundle Read(string path)
    {
        try
        {
            using var zip = ZipFile.OpenRead(path);
            return new SiteBundle(Part(CertificateName), Part(CertificateAuthority.CertificateName), Part(CertificateAuthority.RevokedName));

            string Part(string name)
            {
                var entry = zip.GetEntry(name) ?? throw new CertificateException($"{path} is no bundle of a site: it has no {name}. Ask for the file that fedkim certs sign has written.");
                // What an archive says of a part's length is text, too.
                byte[] text = new byte[MostBytes + 1];
                using var stream = entry.Open();
                int length = stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
                return length <= MostBytes ? Encoding.ASCII.GetString(text, 0, length) : throw new CertificateException($"{path}: {name} is larger than it ever is.");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new CertificateException($"{path} cannot be read as the bundle of a site: {e.Message}", e);
        }
    }

    private static void Add(ZipArchive zip, string name, string text)
    {
        var entry = zip.CreateEntry(name);
        using var stream = entry.Open();
        stream.Write(Encoding.ASCII.GetBytes(text));
    }
}
