namespace FedKim.Parameters;

/// <summary>A file's bytes, readable from any place: as they lie on disk, or deciphered on the way.</summary>
/// <remarks>Safe for concurrent readers.</remarks>
public interface IByteSource : IDisposable
{
    /// <summary>The path of the file, for messages.</summary>
    string FilePath { get; }

    /// <summary>Bytes in all.</summary>
    long Length { get; }

    /// <summary>Copies bytes from <paramref name="offset"/> on and tells how many; 0 at the end, fewer than asked for at any time.</summary>
    int Read(Span<byte> target, long offset);

    /// <summary>Compares all bytes with the digest they stand for, where there is one (<see cref="VerifiedBytes"/>).</summary>
    /// <exception cref="DamagedException">They differ.</exception>
    void Verify()
    {
    }
}
