using System.Net;
using System.Security.Cryptography;
using FedKim.Audit;
using FedKim.Parameters;
using FedKim.Rounds;
using FedKim.Testing;

namespace FedKim.Transfer.Tests;

/// <summary>A weight server and a site's store, with or without a network between them that cuts connections.</summary>
internal sealed class Plane : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<IAsyncDisposable> _running = [];

    private Plane() => (Central, Spool, Site) = (new WeightStore(_folder["central"]), new Spool(_folder["spool"]), new WeightStore(_folder["site"]));

    internal Spool Spool { get; private set; }

    /// <summary>The folder of the spool, as whoever steals the disk sees it.</summary>
    internal string SpoolFolder => _folder["spool"];

    internal WeightStore Central { get; }

    internal WeightStore Site { get; }

    internal WeightServer Server { get; private set; } = null!;

    internal static async Task<Plane> StartAsync(TimeSpan? patience = null, PeerConnections? peers = null, Action<AuditEntry>? noted = null)
    {
        var plane = new Plane();
        plane.Server = await WeightServer.StartAsync(plane.Central, plane.Spool, new IPEndPoint(IPAddress.Loopback, 0), patience: patience, peers: peers, noted: noted);
        plane._running.Add(plane.Server);
        return plane;
    }

    /// <summary>The site's client; its first connections are cut after these numbers of bytes, the later ones live.</summary>
    internal WeightClient Client(params long[] cuts)
    {
        var proxy = new CuttingProxy(Server.Address, cuts);
        _running.Add(proxy);
        return new WeightClient(proxy.Address, Site, clock: new HastyClock());
    }

    /// <summary>Ends the server as a crash does and starts another over the same folders, at another address.</summary>
    internal async Task RestartAsync()
    {
        await Server.DisposeAsync();
        Spool = new Spool(_folder["spool"]);
        Server = await WeightServer.StartAsync(Central, Spool, new IPEndPoint(IPAddress.Loopback, 0));
        _running.Add(Server);
    }

    /// <summary>Puts bytes into a store.</summary>
    internal Digest Put(WeightStore store, byte[] bytes)
    {
        string file = _folder[Guid.NewGuid().ToString()];
        File.WriteAllBytes(file, bytes);
        var digest = DigestOf(bytes);
        store.Import(new WeightFile(file, digest));
        return digest;
    }

    /// <summary>Lets the first bytes of a file wait in a store, as an earlier, cut transfer leaves them.</summary>
    internal static void Leave(WeightStore store, Digest digest, ReadOnlySpan<byte> bytes) => File.WriteAllBytes(store.PathOf(digest) + ".part", bytes);

    internal static Digest DigestOf(ReadOnlySpan<byte> bytes) => Digest.Of(SHA256.HashData(bytes));

    internal static byte[] Bytes(int length, int seed)
    {
        byte[] bytes = new byte[length];
        for (uint i = 0, state = (uint)seed * 2654435761 + 1; i < length; i++)
            bytes[i] = (byte)((state = state * 1664525 + 1013904223) >> 24);
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        for (int i = _running.Count - 1; i >= 0; i--)
            await _running[i].DisposeAsync();
        _folder.Dispose();
    }
}
