using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace FedKim.Commands.Client;

/// <summary>JSON for people: a line a value, letters as they are.</summary>
internal static class ReadableJson
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What is written, without a line feed at its end.</summary>
    public static string Of(Action<Utf8JsonWriter> write)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, Readable))
            write(json);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
