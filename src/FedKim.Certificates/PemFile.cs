using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FedKim.Parameters;

namespace FedKim.Certificates;

/// <summary>Certificates as files.</summary>
public static class PemFile
{
    /// <summary>What a file of certificates, a key or a request may have; a list of revoked ones is longer.</summary>
    internal const int MostBytes = 1 << 16, MostBytesOfList = 1 << 20;

    /// <summary>Reads a small text. Its length is held to while it is read: a pipe or a device says none before.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is, for errors.</param>
    /// <param name="most">Bytes it may have.</param>
    /// <exception cref="CertificateException">It cannot be read, or is longer.</exception>
    public static string Read(string path, string what, int most = MostBytes)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return Read(stream, most) ?? throw new CertificateException($"{path} is larger than {what} ever is ({most} bytes). Check the path.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException($"{path} cannot be read, and {what} should be there: {e.Message} Check the path.", e);
        }
    }

    /// <summary>The first certificate of a file; the caller owns it.</summary>
    /// <exception cref="CertificateException">There is none.</exception>
    public static X509Certificate2 Certificate(string path) => Certificates(Read(path, "the certificate"), path)[0];

    /// <summary>All certificates of a text, at least one, in their order; the caller owns them.</summary>
    /// <param name="pem">The text.</param>
    /// <param name="path">Where it is from, for errors.</param>
    /// <exception cref="CertificateException">There is none, or one of them is malformed.</exception>
    internal static ImmutableArray<X509Certificate2> Certificates(string pem, string path)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new CertificateException($"{path} holds a certificate that cannot be read: {e.Message}", e);
        }

        return found.Count > 0 ? [.. found] : throw new CertificateException($"{path} holds no certificate in PEM. Check the path.");
    }

    /// <summary>Writes a text, whole or not at all.</summary>
    internal static void Write(string path, string pem) => DurableFile.Write(path, Encoding.ASCII.GetBytes(pem.EndsWith('\n') ? pem : pem + "\n"), DurableFile.Beside(path));

    /// <summary>The text of a stream; null where it is longer than allowed.</summary>
    internal static string? Read(Stream stream, int most) => Bytes(stream, most) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>The bytes of a stream; null where it is longer than allowed. Takes as much memory as there are: files are looked at every second.</summary>
    internal static byte[]? Bytes(Stream stream, int most)
    {
        using var bytes = new MemoryStream();
        byte[] block = new byte[4096];
        for (int read = stream.Read(block); read > 0; read = stream.Read(block))
        {
            if (bytes.Length + read > most)
                return null;
            bytes.Write(block, 0, read);
        }

        return bytes.ToArray();
    }
}
