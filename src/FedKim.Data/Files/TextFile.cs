using System.Text;
using System.Text.Unicode;

namespace FedKim.Data.Files;

/// <summary>
/// A text file of a site's data. It is UTF-8: in a file of another encoding two names could become one, or one two, and nobody would notice.
/// </summary>
internal static class TextFile
{
    /// <summary>Reads it whole, without its byte order mark.</summary>
    /// <exception cref="DataException">The file is missing, or no UTF-8; the message says in which line.</exception>
    public static ReadOnlyMemory<byte> Read(string path) => Checked(path, SiteFile.Read(path));

    /// <summary>Reads it whole, as text.</summary>
    /// <exception cref="DataException">The file is missing, or no UTF-8; the message says in which line.</exception>
    public static string ReadText(string path) => Encoding.UTF8.GetString(Read(path).Span);

    /// <summary>A text that was read elsewhere, without its byte order mark.</summary>
    /// <exception cref="DataException">It is no UTF-8; the message says in which line.</exception>
    public static ReadOnlyMemory<byte> Checked(string path, byte[] text)
    {
        if (text is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw new DataException(path, "is a text in UTF-16; save it as UTF-8.");
        var content = text.AsMemory(HasMark(text) ? Encoding.UTF8.Preamble.Length : 0);
        if (Utf8.IsValid(content.Span))
            return content;
        int line = 1;
        var rest = content.Span;
        // A character never reaches beyond its line, so that each can be looked at alone.
        for (int end; (end = rest.IndexOf((byte)'\n')) >= 0 && Utf8.IsValid(rest[..end]); line++)
            rest = rest[(end + 1)..];
        throw new DataException(path, $"line {line} is no valid UTF-8; save the file as UTF-8.");
    }

    /// <summary>Whether a text starts with the mark that some programs put before UTF-8.</summary>
    public static bool HasMark(ReadOnlySpan<byte> text) => text.StartsWith(Encoding.UTF8.Preamble);
}
