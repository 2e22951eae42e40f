using System.Net.Sockets;
using FedKim.Commands;
using FedKim.Commands.Answers;
using FedKim.Commands.Client;
using FedKim.Commands.Palettes;

namespace FedKim.Cluster.Tests;

/// <summary>What a node of this machine answers a command with.</summary>
internal static class NodeAnswer
{
    /// <summary>Its rows; none while it does not answer, and where it refuses.</summary>
    public static async Task<IReadOnlyList<CommandRow>> Of(
        int port, string palette, string command, IEnumerable<(string Name, string Value)> switches, CancellationToken cancel)
    {
        try
        {
            await using var client = await CommandClient.ConnectAsync(new NodeAddress("127.0.0.1", port), TimeSpan.FromSeconds(5), cancel);
            var invocation = switches.Aggregate(new CommandInvocation(palette, command), (i, s) => i.With(s.Name, s.Value));
            var rows = new List<CommandRow>();
            await foreach (var row in client.InvokeAsync(invocation, cancel))
                rows.Add(row);
            return rows;
        }
        catch (Exception e) when (e is CommandException or IOException or SocketException)
        {
            return [];
        }
    }
}
