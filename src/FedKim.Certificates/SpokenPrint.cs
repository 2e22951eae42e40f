using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates;

/// <summary>
/// The fingerprint of a public key, to be read out on the telephone: 128 bits of its SHA-256 as eight words of five letters that can be spoken
/// (proquints, arXiv 0901.4016).
/// </summary>
public static class SpokenPrint
{
    private const string Consonants = "bdfghjklmnprstvz", Vowels = "aiou";
    private const int Words = 8;

    /// <summary>Of a key, as its certificate or request holds it.</summary>
    public static string Of(PublicKey key) => Of(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));

    internal static string Of(ReadOnlySpan<byte> digest)
    {
        string[] words = new string[Words];
        for (int i = 0; i < Words; i++)
            words[i] = Word(BinaryPrimitives.ReadUInt16BigEndian(digest[(2 * i)..]));
        return string.Join('-', words);
    }

    private static string Word(int bits) => new(
        [Consonants[bits >> 12], Vowels[(bits >> 10) & 3], Consonants[(bits >> 6) & 15], Vowels[(bits >> 4) & 3], Consonants[bits & 15]]);
}
