using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FedKim.Parameters;

namespace FedKim.Certificates;

/// <summary>Certificates as files.</summary>
public static class PemFile
{
    private const int MostBytes = 1 << 20;

    /// <summary>Reads a small text.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is, for errors.</param>
    /// <exception cref="CertificateException">It cannot be read.</exception>
    public static string Read(string path, string what)
    {
        try
        {
            return new FileInfo(path).Length <= MostBytes ? File.ReadAllText(path) : throw new CertificateException($"{path} is larger than {what} ever is.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException($"{path} cannot be read, and {what} is there: {e.Message}", e);
        }
    }

    /// <summary>The first certificate of a file; the caller owns it.</summary>
    /// <exception cref="CertificateException">There is none.</exception>
    public static X509Certificate2 Certificate(string path)
    {
        string pem = Read(path, "the certificate");
        try
        {
            return X509Certificate2.CreateFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new CertificateException($"{path} holds no certificate in PEM: {e.Message}", e);
        }
    }

    /// <summary>Writes a text, whole or not at all.</summary>
    internal static void Write(string path, string pem) => DurableFile.Write(path, Encoding.ASCII.GetBytes(pem.EndsWith('\n') ? pem : pem + "\n"), DurableFile.Beside(path));
}
