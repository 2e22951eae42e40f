using System.Globalization;
using System.Text.Json;

namespace FedKim.Commands.Answers;

/// <summary>A field's value: nothing, a text, a whole number, a number, yes or no, or a list of texts. Made by implicit conversion.</summary>
public readonly struct CommandValue
{
    private readonly object? _content;

    private CommandValue(object? content) => _content = content;

    /// <summary>Whether it is a number.</summary>
    internal bool IsNumber => _content is long or double;

    /// <summary>Whether there is nothing to read: no value, an empty text or list, a number that is none.</summary>
    internal bool IsEmpty => _content is null or "" or string[] { Length: 0 } or double.NaN;

    /// <summary>Its texts, where it is a list.</summary>
    internal IReadOnlyList<string>? Texts => _content as string[];

    public static implicit operator CommandValue(string? text) => new(text);

    public static implicit operator CommandValue(long number) => new(number);

    public static implicit operator CommandValue(long? number) => new(number);

    public static implicit operator CommandValue(double number) => new(number);

    public static implicit operator CommandValue(double? number) => new(number);

    public static implicit operator CommandValue(bool yes) => new(yes);

    public static implicit operator CommandValue(string[] texts) => new(texts);

    /// <summary>ISO 8601 in UTC, to the millisecond.</summary>
    public static implicit operator CommandValue(DateTimeOffset instant) =>
        new(instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));

    public static implicit operator CommandValue(DateTimeOffset? instant) => instant is { } value ? value : default(CommandValue);

    /// <summary>For reading: a short form of the number, <c>-</c> for nothing, list entries split by commas.</summary>
    public override string ToString() => _content switch
    {
        null or double.NaN => "-",
        bool yes => yes ? "yes" : "no",
        double number => Math.Abs(number) is >= 1e-4 and < 1e9 or 0
            ? number.ToString("0.####", CultureInfo.InvariantCulture)
            : number.ToString("G5", CultureInfo.InvariantCulture),
        string[] texts => string.Join(", ", texts),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => (string)_content,
    };

    /// <summary>As JSON. A number that is none becomes null; the infinities, which JSON has no numbers for, become their names as texts.</summary>
    internal void WriteTo(Utf8JsonWriter writer)
    {
        switch (_content)
        {
            case null or double.NaN: writer.WriteNullValue(); break;
            case bool yes: writer.WriteBooleanValue(yes); break;
            case long number: writer.WriteNumberValue(number); break;
            case double number when double.IsFinite(number): writer.WriteNumberValue(number); break;
            case double number: writer.WriteStringValue(number.ToString(CultureInfo.InvariantCulture)); break;
            case string[] texts:
                writer.WriteStartArray();
                foreach (string text in texts)
                    writer.WriteStringValue(text);
                writer.WriteEndArray();
                break;
            default: writer.WriteStringValue((string)_content); break;
        }
    }

    /// <exception cref="JsonException">The element is an object or a list of something else than texts.</exception>
    internal static CommandValue Read(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => default,
        JsonValueKind.String => element.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number when element.TryGetInt64(out long whole) => whole,
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.Array when element.EnumerateArray().All(entry => entry.ValueKind == JsonValueKind.String) =>
            element.EnumerateArray().Select(entry => entry.GetString()!).ToArray(),
        _ => throw new JsonException($"A field holds {element.ValueKind}; texts, numbers, true, false, null and lists of texts are allowed."),
    };
}
