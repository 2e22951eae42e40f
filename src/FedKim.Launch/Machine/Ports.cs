using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace FedKim.Launch.Machine;

/// <summary>TCP ports of this machine.</summary>
public static class Ports
{
    // Below the range from which systems take ports for outgoing connections: there, one could take a node's while it restarts.
    private const int First = 20_000;
    private const int Range = 12_000;

    private const int FirstRow = 10_000;
    private const int RowRange = 9_000;

    private static readonly Lock Gate = new();
    private static int _rows;
    private static int _next = Environment.ProcessId * 97 % Range;

    /// <summary>
    /// Ports of loopback that are free now, each another one. Processes that ask at the same time look in other places, and so does a process
    /// that asks again before it uses them.
    /// </summary>
    public static ImmutableArray<int> Free(int count)
    {
        lock (Gate)
        {
            ImmutableArray<int> free = [.. Enumerable.Range(0, Range).Select(i => First + ((_next + i) % Range)).Where(IsFree).Take(count)];
            if (!free.IsEmpty)
                _next = free[^1] - First + 1;
            return free;
        }
    }

    /// <summary>The first of some ports from which on so many in a row are free; the first of all where none is.</summary>
    public static int FreeRow(IEnumerable<int> from, int count)
    {
        int[] candidates = [.. from];
        return candidates.FirstOrDefault(first => Enumerable.Range(first, count).All(IsFree), candidates[0]);
    }

    /// <summary>
    /// The first of so many free ports in a row, below those of <see cref="Free"/>. Processes that ask at the same time look in other places,
    /// and so does a process that asks again before it uses them.
    /// </summary>
    public static int FreeRow(int count)
    {
        while (true)
        {
            int first = FirstRow + ((Environment.ProcessId * 97 + Interlocked.Add(ref _rows, count) - count) & int.MaxValue) % RowRange;
            if (Enumerable.Range(first, count).All(IsFree))
                return first;
        }
    }

    /// <summary>Whether nobody listens on a port of loopback.</summary>
    public static bool IsFree(int port) => Problem(IPAddress.Loopback, port) is null;

    /// <summary>Why this process cannot listen there, to go on after "and"; null where it can.</summary>
    public static string? Problem(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return null;
        }
        catch (SocketException e)
        {
            return Reason(e.SocketErrorCode, address);
        }
    }

    /// <summary>Why nobody can listen, in words; see <see cref="Problem"/>.</summary>
    public static string Reason(SocketError error, IPAddress address) => error switch
    {
        SocketError.AddressAlreadyInUse => "another program listens on that port",
        SocketError.AccessDenied => "this account may not listen on that port",
        SocketError.AddressNotAvailable => $"{address} is no address of this machine",
        _ => $"this machine does not let it listen there ({error})",
    };
}
