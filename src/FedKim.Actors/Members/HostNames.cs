using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FedKim.Actors.Members;

/// <summary>
/// The other names of a host. What is sent to a node under another name than its own, it drops; under one of these it may answer, and tell how
/// it calls itself.
/// </summary>
internal static class HostNames
{
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(2);
    private static readonly string[] Loopback = ["127.0.0.1", "localhost", "[::1]"];

    /// <summary>Of some nodes those at which something listens, under that name and others, each with the name it was given.</summary>
    /// <param name="nodes"><c>host:port</c>.</param>
    public static async Task<ImmutableArray<(string Seed, string At)>> Others(IEnumerable<string> nodes)
    {
        var others = ImmutableArray.CreateBuilder<(string, string)>();
        foreach (string node in nodes)
        {
            int colon = node.LastIndexOf(':');
            string host = node[..colon], port = node[colon..];
            if (!await Listens(host, port[1..]))
                continue;
            foreach (string other in (await Others(host)).Prepend(host).Distinct())
                others.Add((node, other + port));
        }
        return others.ToImmutable();
    }

    private static async Task<bool> Listens(string host, string port)
    {
        using var limit = new CancellationTokenSource(ConnectWithin);
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(host, int.Parse(port, CultureInfo.InvariantCulture), limit.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ArgumentException)
        {
            return false;
        }
    }

    private static async Task<IEnumerable<string>> Others(string host)
    {
        try
        {
            if (IPAddress.TryParse(host, out var address))
                return IPAddress.IsLoopback(address) ? Loopback : [(await Dns.GetHostEntryAsync(address)).HostName];
            string[] found = [.. (await Dns.GetHostAddressesAsync(host)).Select(Text)];
            return found.Any(f => Loopback.Contains(f)) ? found.Union(Loopback) : found;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return [];
        }
    }

    private static string Text(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
}
