using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace FedKim.Audit;

/// <summary>
/// A line of the audit log: an object of JSON in plain ASCII, whose last field is the SHA-256 of the line before it, in hexadecimal, followed by
/// this line without that field. So no line can be changed, taken away or moved without every later one showing it.
/// </summary>
/// <param name="Number">From 1, without gaps.</param>
/// <param name="At">When, in UTC, to the millisecond.</param>
/// <param name="Entry">What happened.</param>
/// <param name="Hash">The line's hash, in hexadecimal.</param>
public sealed record AuditLine(long Number, DateTimeOffset At, AuditEntry Entry, string Hash)
{
    /// <summary>The hash before the first line.</summary>
    public static readonly string Beginning = new('0', 2 * SHA256.HashSizeInBytes);

    private const int MostLetters = 300;
    private static readonly int SealLetters = Seal(Beginning).Length;

    /// <summary>Makes a line.</summary>
    /// <param name="before">The hash of the line before.</param>
    /// <returns>The line, and its bytes without the end of the line.</returns>
    public static (AuditLine Line, byte[] Bytes) Make(long number, DateTimeOffset at, AuditEntry entry, string before)
    {
        byte[] body = Body(number, at, entry);
        string hash = HashOf(before, body);
        return (new AuditLine(number, at, entry, hash), [.. body.AsSpan(..^1), .. Encoding.ASCII.GetBytes(Seal(hash))]);
    }

    /// <summary>Reads a line; null where the bytes are none.</summary>
    public static AuditLine? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= SealLetters)
            return null;
        try
        {
            using var json = JsonDocument.Parse(bytes.ToArray());
            var line = json.RootElement;
            string hash = line.GetProperty("hash").GetString()!;
            return Encoding.ASCII.GetString(bytes[^SealLetters..]) == Seal(hash)
                ? new AuditLine(line.GetProperty("number").GetInt64(), line.GetProperty("at").GetDateTimeOffset(), EntryOf(line), hash)
                : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Whether a line's bytes follow the line of this hash, and are those that its own hash was made of.</summary>
    public bool Follows(string before, ReadOnlySpan<byte> bytes) => HashOf(before, [.. bytes[..^SealLetters], (byte)'}']) == Hash;

    private static string Seal(string hash) => $",\"hash\":\"{hash}\"}}";

    private static string HashOf(string before, ReadOnlySpan<byte> body) =>
        Convert.ToHexStringLower(SHA256.HashData([.. Encoding.ASCII.GetBytes(before), .. body]));

    private static byte[] Body(long number, DateTimeOffset at, AuditEntry entry)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteNumber("number", number);
            json.WriteString("at", at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture));
            json.WriteString("kind", Word(entry.Kind));
            json.WriteString("matter", Word(entry.Matter));
            Text("peer", entry.Peer);
            Text("federation", entry.Federation);
            Count("round", entry.Round);
            Count("bytes", entry.Bytes);
            Text("digest", entry.Digest);
            Text("protection", entry.Protection);
            json.WriteString("outcome", Word(entry.Outcome));
            Count("times", entry.Times == 1 ? null : entry.Times);
            Text("detail", entry.Detail);
            json.WriteEndObject();

            void Text(string name, string? text)
            {
                if (text is not null)
                    json.WriteString(name, Plain(text));
            }

            void Count(string name, long? count)
            {
                if (count is { } number)
                    json.WriteNumber(name, number);
            }
        }
        return body.WrittenSpan.ToArray();
    }

    private static AuditEntry EntryOf(JsonElement line)
    {
        return new AuditEntry(Enum.Parse<AuditKind>(Text("kind")!, ignoreCase: true), Enum.Parse<AuditMatter>(Text("matter")!, ignoreCase: true))
        {
            Peer = Text("peer"),
            Federation = Text("federation"),
            Round = (int?)Count("round"),
            Bytes = Count("bytes"),
            Digest = Text("digest"),
            Protection = Text("protection"),
            Outcome = Enum.Parse<AuditOutcome>(Text("outcome")!, ignoreCase: true),
            Times = Count("times") ?? 1,
            Detail = Text("detail"),
        };

        string? Text(string name) => line.TryGetProperty(name, out var text) ? text.GetString() : null;

        long? Count(string name) => line.TryGetProperty(name, out var count) ? count.GetInt64() : null;
    }

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    // What others wrote is not to fill the log, nor to write over a terminal that shows it.
    private static string Plain(string text) =>
        string.Concat(text.Take(MostLetters).Select(c => c is >= ' ' and <= '~' || char.IsLetterOrDigit(c) ? c : '?')) + (text.Length > MostLetters ? "..." : "");
}
