using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace FedKim.Rounds;

/// <summary>
/// The only source of randomness: xoshiro256** (Blackman and Vigna 2018) whose state is the SHA-256 of a seed and what the numbers are for.
/// The same parts give the same numbers in every process; other parts give unrelated ones. Not safe for several threads at once.
/// </summary>
public sealed class SeededGenerator
{
    private ulong _a, _b, _c, _d;

    private SeededGenerator(ReadOnlySpan<byte> state)
    {
        _a = BinaryPrimitives.ReadUInt64LittleEndian(state);
        _b = BinaryPrimitives.ReadUInt64LittleEndian(state[8..]);
        _c = BinaryPrimitives.ReadUInt64LittleEndian(state[16..]);
        _d = BinaryPrimitives.ReadUInt64LittleEndian(state[24..]);
    }

    /// <summary>The generator for one purpose, e.g. <c>Derive(seed, "train", round, client.Value)</c>.</summary>
    /// <param name="seed">The federation's seed.</param>
    /// <param name="parts">What the numbers are for; strings and integers in any mix. Their order and their kinds matter.</param>
    public static SeededGenerator Derive(long seed, params ReadOnlySpan<SeedPart> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[9];
        Append(hash, number, 0, seed);
        foreach (var part in parts)
        {
            if (part.Text is not { } text)
            {
                Append(hash, number, 1, part.Number);
            }
            else
            {
                // The length before the text keeps ("ab", "c") and ("a", "bc") apart.
                byte[] utf8 = Encoding.UTF8.GetBytes(text);
                Append(hash, number, 2, utf8.Length);
                hash.AppendData(utf8);
            }
        }

        return new SeededGenerator(hash.GetHashAndReset());
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        ulong result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        ulong t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A non-negative 63-bit number, e.g. to seed another library's generator.</summary>
    public long NextSeed() => (long)(NextBits() >> 1);

    /// <summary>Uniform from 0 (included) to 1 (excluded), with 53 random bits.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform between two bounds.</summary>
    public double Uniform(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>Uniform from 0 (included) to <paramref name="bound"/> (excluded), without bias.</summary>
    /// <param name="bound">Above 0.</param>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        // Lemire 2019: multiply, and reject the few low words that would favour some results.
        ulong threshold = (0 - (ulong)bound) % (ulong)bound;
        while (true)
        {
            ulong high = Math.BigMul(NextBits(), (ulong)bound, out ulong low);
            if (low >= threshold)
                return (int)high;
        }
    }

    /// <summary>True with this probability.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>Standard normal, by Box and Muller's transform.</summary>
    public double NextGaussian() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>Brings the items into a uniformly random order, in place.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static void Append(IncrementalHash hash, Span<byte> buffer, byte kind, long number)
    {
        buffer[0] = kind;
        BinaryPrimitives.WriteInt64LittleEndian(buffer[1..], number);
        hash.AppendData(buffer);
    }
}
