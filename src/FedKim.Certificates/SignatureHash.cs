using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates;

/// <summary>Checks a signature that a certificate's key made, by the algorithm's object identifier (RFC 5758, RFC 4055).</summary>
internal static class SignatureHash
{
    /// <summary>Whether the key of a certificate made it; false for an algorithm that is not known.</summary>
    public static bool Verifies(X509Certificate2 signer, string algorithm, byte[] data, byte[] signature)
    {
        using var curve = signer.GetECDsaPublicKey();
        using var rsa = signer.GetRSAPublicKey();
        return algorithm switch
        {
            "1.2.840.10045.4.3.2" => Curve(HashAlgorithmName.SHA256),
            "1.2.840.10045.4.3.3" => Curve(HashAlgorithmName.SHA384),
            "1.2.840.10045.4.3.4" => Curve(HashAlgorithmName.SHA512),
            "1.2.840.113549.1.1.11" => Rsa(HashAlgorithmName.SHA256),
            "1.2.840.113549.1.1.12" => Rsa(HashAlgorithmName.SHA384),
            "1.2.840.113549.1.1.13" => Rsa(HashAlgorithmName.SHA512),
            _ => false,
        };

        bool Curve(HashAlgorithmName hash) => curve?.VerifyData(data, signature, hash, DSASignatureFormat.Rfc3279DerSequence) ?? false;

        bool Rsa(HashAlgorithmName hash) => rsa?.VerifyData(data, signature, hash, RSASignaturePadding.Pkcs1) ?? false;
    }
}
