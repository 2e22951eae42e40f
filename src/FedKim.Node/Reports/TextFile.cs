using FedKim.Parameters;

namespace FedKim.Node.Reports;

/// <summary>Files that are never seen half-written.</summary>
internal static class TextFile
{
    /// <summary>Writes a file whole or not at all; what was there before is replaced.</summary>
    public static void Write(string path, string text) => Write(path, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a file whole or not at all; what was there before is replaced.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        string temporary = $"{path}.writing";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            stream.Write(bytes);
            stream.Flush();
            DurableFile.Commit(stream.SafeFileHandle, temporary, path);
        }
    }
}
