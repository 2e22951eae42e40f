using System.Security.Cryptography;
using FedKim.Parameters;

namespace FedKim.Certificates;

/// <summary>A private key as a file that its account alone may read: ECDSA on P-256, PKCS#8 in PEM, under a passphrase where there is one.</summary>
internal static class PrivateKey
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // As OWASP has it for PBKDF2 with SHA-256.
    private static readonly PbeParameters Hard = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 600_000);

    /// <summary>A new one.</summary>
    public static ECDsa Make() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Writes one; a file that is there stays, and is an error.</summary>
    /// <exception cref="CertificateException">There is one already.</exception>
    public static void Write(string path, ECDsa key, string? passphrase)
    {
        string pem = passphrase is null ? key.ExportPkcs8PrivateKeyPem() : key.ExportEncryptedPkcs8PrivateKeyPem(passphrase, Hard);
        string temporary = DurableFile.Beside(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Own;
        using var file = new FileStream(temporary, options);
        try
        {
            if (File.Exists(path))
                throw new CertificateException($"{path} is there already, and a key that is gone cannot be had again. Name another folder.");
            file.Write(System.Text.Encoding.ASCII.GetBytes(pem + "\n"));
            DurableFile.Commit(file.SafeFileHandle, temporary, path);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="CertificateException">It is missing, readable for others, no key, or under another passphrase.</exception>
    public static ECDsa Read(string path, string? passphrase)
    {
        string pem = PemFile.Read(path, "the key");
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~Own) != 0)
            throw new CertificateException($"{path} may be read by others than this account. If nobody has, take their rights away: chmod 600 {path}");
        var key = ECDsa.Create();
        try
        {
            if (passphrase is null)
                key.ImportFromPem(pem);
            else
                key.ImportFromEncryptedPem(pem, passphrase);
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            bool enciphered = pem.Contains("ENCRYPTED", StringComparison.Ordinal);
            throw new CertificateException(
                enciphered && passphrase is null ? $"{path} is under a passphrase. Name the file that holds it with --passphrase-file."
                : enciphered ? $"{path} is under another passphrase than this one."
                : $"{path} is no key on the curve P-256 in PKCS#8: {e.Message}", e);
        }
    }
}
