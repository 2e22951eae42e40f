using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace FedKim.Node.Hosting;

/// <summary>TCP ports of this machine.</summary>
internal static class Ports
{
    // Below the range from which systems take ports for outgoing connections: there, one could take a node's while it restarts.
    private const int First = 20_000;
    private const int Range = 12_000;

    /// <summary>Ports of loopback that are free now, each another one. Processes that ask at the same time look in other places.</summary>
    public static ImmutableArray<int> Free(int count) =>
    [
        .. Enumerable.Range(0, Range).Select(i => First + (Environment.ProcessId * 97 + i) % Range).Where(IsFree).Take(count),
    ];

    /// <summary>Whether nobody listens on a port of loopback.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
