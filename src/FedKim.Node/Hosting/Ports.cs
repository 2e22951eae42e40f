using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace FedKim.Node.Hosting;

/// <summary>TCP ports of this machine.</summary>
internal static class Ports
{
    /// <summary>Ports of loopback that are free now, each another one.</summary>
    public static ImmutableArray<int> Free(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        try
        {
            foreach (var listener in listeners)
                listener.Start();
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners)
                listener.Dispose();
        }
    }

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
