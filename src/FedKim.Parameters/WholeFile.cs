namespace FedKim.Parameters;

/// <summary>
/// Small files that the death of the process leaves whole or not at all, and a power cut may take or leave as they were before: where that harms
/// nobody, since what they speak of is lost with them, or speaks for itself. Nobody waits for the disk.
/// </summary>
public static class WholeFile
{
    /// <summary>Writes a file in place of what has its name.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="bytes">What.</param>
    /// <param name="secret">Whether only this account may read it.</param>
    /// <param name="flushed">Whether a power cut leaves this one or the one before, and nothing in between; the caller waits for the disk.</param>
    /// <exception cref="IOException">The disk is full or fails; what stood at the path still stands.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes, bool secret = false, bool flushed = false)
    {
        string temporary = path + ".tmp";
        using (var file = DurableFile.Begin(temporary, secret))
        {
            file.Write(bytes);
            if (flushed)
                file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
