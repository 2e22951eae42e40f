using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FedKim.Parameters;

namespace FedKim.Certificates;

/// <summary>A private key as a file that its account alone may read: ECDSA on P-256, PKCS#8 in PEM, under a passphrase where there is one.</summary>
internal static class PrivateKey
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int LeastBitsOfRsa = 2048;

    // As OWASP has it for PBKDF2 with SHA-256.
    private static readonly PbeParameters Hard = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 600_000);

    /// <summary>A new one.</summary>
    public static ECDsa Make() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Makes a folder for one, which its account alone may enter. One that is there stays as it is.</summary>
    /// <exception cref="CertificateException">It cannot be made.</exception>
    public static void MakeFolder(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path, Own | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException($"The folder {path} cannot be made: {e.Message} Name another one.", e);
        }
    }

    /// <summary>Writes one, whole or not at all; a file that is there stays, and is an error.</summary>
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
            file.Write(Encoding.ASCII.GetBytes(pem + "\n"));
            file.Flush(flushToDisk: true);
            // Of two that are made at once, one stays.
            File.Move(temporary, path, overwrite: false);
            DurableFile.SyncFolder(Path.GetDirectoryName(temporary)!);
        }
        catch (IOException e) when (File.Exists(path))
        {
            File.Delete(temporary);
            throw new CertificateException($"{path} is there already, and a key that is gone cannot be had again. Name another folder.", e);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Reads the key of an authority.</summary>
    /// <exception cref="CertificateException">It is missing, readable for others, no key, or under another passphrase.</exception>
    public static ECDsa Read(string path, string? passphrase)
    {
        string pem = PemFile.Read(path, "the key");
        CheckRights(path, UnixFileMode.None);
        var key = ECDsa.Create();
        try
        {
            if (IsEnciphered(pem))
                key.ImportFromEncryptedPem(pem, passphrase ?? throw new CertificateException($"{path} is under a passphrase. Name the file that holds it with --passphrase-file."));
            else
                key.ImportFromPem(pem);
            return key;
        }
        catch (Exception e)
        {
            key.Dispose();
            throw e is ArgumentException or CryptographicException
                ? new CertificateException(IsEnciphered(pem) ? $"{path} is under another passphrase than this one." : $"{path} is no key on the curve P-256 in PKCS#8: {e.Message}", e)
                : e;
        }
    }

    /// <summary>
    /// A certificate together with its key, of whatever kind. An account's group may read a node's key: so an orchestrator hands secrets in.
    /// </summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="certificatePath">Its file, for errors.</param>
    /// <param name="pem">The key's text.</param>
    /// <param name="path">Its file.</param>
    /// <exception cref="CertificateException">It is another's, enciphered, no key, or readable for others.</exception>
    public static X509Certificate2 Join(X509Certificate2 certificate, string certificatePath, string pem, string path)
    {
        CheckRights(path, UnixFileMode.GroupRead);
        if (IsEnciphered(pem))
            throw new CertificateException($"{path} is under a passphrase, and a node must start without being asked. Write it without one, for this account alone: openssl pkcs8 -in {path}");
        try
        {
            using var both = X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), pem);
            // On Linux a key belongs to its certificate only after it was read with it.
            return X509CertificateLoader.LoadPkcs12(both.Export(X509ContentType.Pkcs12), password: null);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new CertificateException($"{path} is not the key of {certificatePath}: {e.Message} Bring both from one place.", e);
        }
    }

    /// <summary>Whether a key, as a text in PEM, is a certificate's; false for one under a passphrase, and for what is no key.</summary>
    public static bool IsOf(X509Certificate2 certificate, string pem)
    {
        try
        {
            using var both = X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), pem);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Whether a key may be signed: on a curve of NIST's, or RSA of 2048 bits at least.</summary>
    public static bool IsStrong(PublicKey key)
    {
        using var curve = key.GetECDsaPublicKey();
        using var rsa = key.GetRSAPublicKey();
        return rsa?.KeySize >= LeastBitsOfRsa || curve?.ExportParameters(includePrivateParameters: false).Curve.Oid.Value is "1.2.840.10045.3.1.7" or "1.3.132.0.34" or "1.3.132.0.35";
    }

    /// <summary>Whether a key in PEM is under a passphrase.</summary>
    public static bool IsEnciphered(string pem) => pem.Contains("ENCRYPTED", StringComparison.Ordinal);

    private static void CheckRights(string path, UnixFileMode alsoAllowed)
    {
        if (OperatingSystem.IsWindows())
            return;
        // The file's, and not those of a link to it.
        using var file = File.OpenHandle(path);
        if ((File.GetUnixFileMode(file) & ~(Own | alsoAllowed)) is not UnixFileMode.None)
            throw new CertificateException($"{path} may be read by others than this account. If nobody has, take their rights away: chmod 600 {path}");
    }
}
