using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedKim.Commands;
using FedKim.Commands.Client;
using FedKim.Commands.Palettes;

namespace FedKim.Launch.Answers;

/// <summary>Reads the rows that a node answers with back into records.</summary>
public static class NodeAnswers
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Converters = { new Numbers() } };

    /// <summary>The rows a command answers with.</summary>
    /// <exception cref="CommandException">The node is gone, or could not answer.</exception>
    public static async Task<List<T>> AskAsync<T>(this CommandClient client, CommandInvocation invocation, CancellationToken cancel)
    {
        var rows = new List<T>();
        await foreach (var row in client.InvokeAsync(invocation, cancel))
            rows.Add(JsonSerializer.SerializeToElement(row).Deserialize<T>(Options)!);
        return rows;
    }

    // What is no number, as a loss before there is one, travels as nothing; the infinities as their names.
    private sealed class Numbers : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.Null => double.NaN,
            JsonTokenType.String when double.TryParse(reader.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
            JsonTokenType.Number => reader.GetDouble(),
            _ => throw new JsonException("A number is wanted."),
        };

        public override void Write(Utf8JsonWriter writer, double number, JsonSerializerOptions options) => throw new NotSupportedException();
    }
}
