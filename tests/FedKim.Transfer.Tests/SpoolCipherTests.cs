using System.Security.Cryptography;
using CsCheck;

namespace FedKim.Transfer.Tests;

public sealed class SpoolCipherTests
{
    private const int Largest = 300_000;

    private static readonly byte[] Key = Plane.Bytes(32, 1);
    private static readonly byte[] Salt = Plane.Bytes(SpoolCipher.SaltBytes, 2);

    [Fact]
    public void Any_stretch_is_enciphered_as_it_is_within_the_whole() =>
        (from length in Gen.Int[0, Largest]
         from start in Gen.Int[0, length]
         from count in Gen.Int[0, length - start]
         from cut in Gen.Int[0, count]
         select (length, start, count, cut)).Sample(s =>
        {
            using var cipher = Cipher();
            byte[] plain = Plane.Bytes(s.length, 3), whole = new byte[s.length], piece = new byte[s.count];
            cipher.Apply(plain, 0, whole);

            cipher.Apply(plain.AsSpan(s.start, s.cut), s.start, piece);
            cipher.Apply(plain.AsSpan(s.start + s.cut, s.count - s.cut), s.start + s.cut, piece.AsSpan(s.cut));
            Assert.Equal(whole[s.start..(s.start + s.count)], piece);

            cipher.Apply(piece, s.start, piece);
            Assert.Equal(plain[s.start..(s.start + s.count)], piece);
        }, iter: 100, threads: 1);

    [Fact]
    public void It_is_aes_in_counter_mode_under_a_key_of_round_salt_and_digest()
    {
        var digest = Plane.DigestOf("update"u8);
        byte[] key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Key, 32, Salt, Convert.FromHexString(digest.Hex));
        using var aes = Aes.Create();
        aes.Key = key;
        byte[] counters = new byte[48], stream = new byte[48];
        (counters[31], counters[47]) = (1, 2);
        aes.EncryptEcb(counters, stream, PaddingMode.None);

        using var cipher = Cipher();
        byte[] zeros = new byte[48];
        cipher.Apply(zeros, 0, zeros);

        Assert.Equal(stream, zeros);
    }

    [Fact]
    public void Places_beyond_four_gigabytes_of_blocks_have_a_stream_of_their_own()
    {
        using var cipher = Cipher();
        byte[] near = new byte[64], far = new byte[64], other = new byte[64];
        cipher.Apply(near, 0, near);
        cipher.Apply(far, (1L << 36) + 5, far);
        cipher.Apply(other.AsSpan(1), (1L << 36) + 6, other.AsSpan(1));
        Assert.NotEqual(near[5..], far[..^5]);
        Assert.Equal(far[1..], other[1..]);
    }

    [Fact]
    public void Key_salt_and_digest_each_give_another_stream()
    {
        var digest = Plane.DigestOf("update"u8);
        string[] streams =
        [
            .. new[]
            {
                new SpoolCipher(Key, digest, Salt), new SpoolCipher(Plane.Bytes(32, 9), digest, Salt),
                new SpoolCipher(Key, Plane.DigestOf("other"u8), Salt), new SpoolCipher(Key, digest, Plane.Bytes(SpoolCipher.SaltBytes, 9)),
            }.Select(cipher =>
            {
                byte[] zeros = new byte[32];
                cipher.Apply(zeros, 0, zeros);
                cipher.Dispose();
                return Convert.ToHexString(zeros);
            }),
        ];
        Assert.Equal(streams.Distinct(), streams);
    }

    private static SpoolCipher Cipher() => new(Key, Plane.DigestOf("update"u8), Salt);
}
