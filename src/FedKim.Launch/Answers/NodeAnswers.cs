using System.Text.Json;
using System.Text.Json.Serialization;
using FedKim.Commands;
using FedKim.Commands.Client;
using FedKim.Commands.Palettes;

namespace FedKim.Launch.Answers;

/// <summary>Reads the rows that a node answers with back into records.</summary>
public static class NodeAnswers
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        // NaN, a loss before there is one, travels as its name.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>The rows a command answers with.</summary>
    /// <exception cref="CommandException">The node is gone, or could not answer.</exception>
    public static async Task<List<T>> AskAsync<T>(this CommandClient client, CommandInvocation invocation, CancellationToken cancel)
    {
        var rows = new List<T>();
        await foreach (var row in client.InvokeAsync(invocation, cancel))
            rows.Add(JsonSerializer.SerializeToElement(row).Deserialize<T>(Options)!);
        return rows;
    }
}
