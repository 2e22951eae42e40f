using CsCheck;
using FedKim.Rounds;
using FedKim.Testing;

namespace FedKim.Transfer.Tests;

public sealed class WeightTransferTests
{
    private const int Largest = 3_000_000;

    // Up to four cuts, each within the file or just around its head and its end.
    private static readonly Gen<(int Length, long[] Cuts, int Seed)> CutTransfers =
        from length in Gen.Int[0, Largest]
        from cuts in Gen.Long[0, length + 2_000].Array[0, 4]
        from seed in Gen.Int[1, 1_000_000]
        select (length, cuts, seed);

    [Fact]
    public async Task An_upload_whose_sender_has_vanished_gives_its_place_to_the_next()
    {
        await using var plane = await Plane.StartAsync(patience: TimeSpan.FromMilliseconds(300));
        byte[] bytes = Plane.Bytes(700_000, 1);
        var digest = plane.Put(plane.Site, bytes);
        // A line that was cut: half of the file has arrived, the connection stays open, and nothing comes any more.
        using var vanished = new System.Net.Sockets.TcpClient();
        await vanished.ConnectAsync(plane.Server.Address.Host, plane.Server.Address.Port);
        await vanished.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes($"PUT /weights/{digest} HTTP/1.1\r\nHost: x\r\nContent-Length: {bytes.Length}\r\n\r\n"));
        await vanished.GetStream().WriteAsync(bytes.AsMemory(0, 350_000));
        using var client = plane.Client();
        await client.SendAsync(digest).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.True(plane.Central.Has(digest));
    }

    [Fact]
    public Task A_fetch_cut_anywhere_ends_whole() => CutTransfers.SampleAsync(async transfer =>
    {
        await using var plane = await Plane.StartAsync();
        byte[] bytes = Plane.Bytes(transfer.Length, transfer.Seed);
        var digest = plane.Put(plane.Central, bytes);
        using var client = plane.Client(transfer.Cuts);
        string file = (await client.FetchAsync(digest)).Path;
        Assert.Equal(plane.Site.PathOf(digest), file);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(file));
        Assert.False(File.Exists(file + ".part"));
    }, iter: 25, threads: 1);

    [Fact]
    public Task An_upload_cut_anywhere_ends_whole() => CutTransfers.SampleAsync(async transfer =>
    {
        await using var plane = await Plane.StartAsync();
        byte[] bytes = Plane.Bytes(transfer.Length, transfer.Seed);
        var digest = plane.Put(plane.Site, bytes);
        using var client = plane.Client(transfer.Cuts);
        await client.SendAsync(digest);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(plane.Central.PathOf(digest)));
        Assert.False(File.Exists(plane.Central.PathOf(digest) + ".part"));
    }, iter: 25, threads: 1);

    [Fact]
    public async Task A_fetch_goes_on_from_the_byte_an_earlier_run_left()
    {
        await using var plane = await Plane.StartAsync();
        byte[] bytes = Plane.Bytes(Largest, 1);
        var digest = plane.Put(plane.Central, bytes);
        Plane.Leave(plane.Site, digest, bytes.AsSpan(0, 2_999_000));
        // The network carries less than the file: only a resumed fetch gets through it in one connection.
        using var client = plane.Client(100_000);
        await client.FetchAsync(digest);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(plane.Site.PathOf(digest)));
    }

    [Fact]
    public async Task An_upload_sends_only_what_the_server_lacks()
    {
        await using var plane = await Plane.StartAsync();
        byte[] bytes = Plane.Bytes(Largest, 1);
        var digest = plane.Put(plane.Site, bytes);
        Plane.Leave(plane.Central, digest, bytes.AsSpan(0, 2_000_000));
        using var client = plane.Client();
        var progress = new Recorded();
        await client.SendAsync(digest, progress);
        Assert.All(progress.Values, value => Assert.InRange(value, 2_000_001, Largest));
        Assert.Equal(Largest, progress.Values[^1]);
        Assert.True(plane.Central.Has(digest));
        await client.SendAsync(digest, progress);
        Assert.Equal(1, progress.Values.Count(value => value == Largest));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Largest)]
    [InlineData(Largest + 5)]
    public async Task Damaged_leftovers_are_replaced_in_both_directions(int leftover)
    {
        await using var plane = await Plane.StartAsync();
        byte[] bytes = Plane.Bytes(Largest, 1);
        var (down, up) = (plane.Put(plane.Central, bytes), plane.Put(plane.Site, Plane.Bytes(Largest, 2)));
        Plane.Leave(plane.Site, down, new byte[leftover]);
        Plane.Leave(plane.Central, up, new byte[leftover]);
        using var client = plane.Client();
        await client.FetchAsync(down);
        await client.SendAsync(up);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(plane.Site.PathOf(down)));
        Assert.Equal(up, Plane.DigestOf(await File.ReadAllBytesAsync(plane.Central.PathOf(up))));
    }

    [Fact]
    public async Task Leftovers_that_lack_only_their_name_are_taken_as_they_are()
    {
        await using var plane = await Plane.StartAsync();
        byte[] bytes = Plane.Bytes(Largest, 1);
        var (down, up) = (Plane.DigestOf(bytes), plane.Put(plane.Site, Plane.Bytes(Largest, 2)));
        Plane.Leave(plane.Site, down, bytes);
        Plane.Leave(plane.Central, up, Plane.Bytes(Largest, 2));
        using var client = plane.Client();
        await client.FetchAsync(down);
        await client.SendAsync(up);
        Assert.True(plane.Site.Has(down));
        Assert.True(plane.Central.Has(up));
    }

    [Fact]
    public async Task Sites_that_send_the_same_weights_at_once_all_succeed()
    {
        await using var plane = await Plane.StartAsync();
        var digest = plane.Put(plane.Site, Plane.Bytes(Largest, 1));
        var clients = Enumerable.Range(0, 8).Select(i => i % 2 == 0 ? plane.Client() : plane.Client(1_000_000)).ToArray();
        await Task.WhenAll(clients.Select(c => c.SendAsync(digest)));
        Assert.Equal([digest], plane.Central.List());
        Assert.Equal(digest, Plane.DigestOf(await File.ReadAllBytesAsync(plane.Central.PathOf(digest))));
        foreach (var client in clients)
            client.Dispose();
    }

    [Fact]
    public async Task Two_fetches_of_the_same_weights_share_one_transfer()
    {
        await using var plane = await Plane.StartAsync();
        var digest = plane.Put(plane.Central, Plane.Bytes(Largest, 1));
        using var client = plane.Client();
        var files = await Task.WhenAll(client.FetchAsync(digest), client.FetchAsync(digest));
        Assert.Equal(files[0], files[1]);
        Assert.Equal([digest], plane.Site.List());
    }

    [Fact]
    public async Task Weights_the_server_does_not_hold_are_named()
    {
        await using var plane = await Plane.StartAsync();
        using var client = plane.Client();
        var error = await Assert.ThrowsAsync<TransferException>(() => client.FetchAsync(Plane.DigestOf([1])));
        Assert.Contains($"404: Weights {Plane.DigestOf([1]).Short} are not here", error.Message);
        Assert.Empty(plane.Site.List());
    }

    [Fact]
    public async Task A_damaged_file_at_the_server_never_becomes_weights_here()
    {
        await using var plane = await Plane.StartAsync();
        var digest = plane.Put(plane.Central, Plane.Bytes(1000, 1));
        await File.WriteAllBytesAsync(plane.Central.PathOf(digest), Plane.Bytes(1000, 2));
        using var client = plane.Client();
        Assert.Contains("damaged", (await Assert.ThrowsAsync<TransferException>(() => client.FetchAsync(digest))).Message);
        Assert.False(plane.Site.Has(digest));
    }

    [Fact]
    public async Task A_server_that_is_gone_is_named()
    {
        await using var plane = await Plane.StartAsync();
        var address = plane.Server.Address;
        await plane.Server.DisposeAsync();
        using var client = new WeightClient(address, plane.Site, clock: new HastyClock()) { Attempts = 3 };
        var error = await Assert.ThrowsAsync<TransferException>(() => client.FetchAsync(Plane.DigestOf([1])));
        Assert.Contains($"after 3 attempts without progress: {address} cannot be reached", error.Message);
    }

    [Fact]
    public async Task What_hinders_a_transfer_is_told_at_once_and_not_when_it_is_given_up()
    {
        await using var plane = await Plane.StartAsync();
        var address = plane.Server.Address;
        await plane.Server.DisposeAsync();
        using var cancel = new CancellationTokenSource();
        List<string> told = [];
        using var client = new WeightClient(address, plane.Site)
        {
            Hindered = (problem, _) =>
            {
                told.Add(problem);
                cancel.Cancel();
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.FetchAsync(Plane.DigestOf([1]), cancel: cancel.Token));
        Assert.StartsWith($"{address} cannot be reached (Connection refused", Assert.Single(told));
    }

    [Fact]
    public async Task A_connection_that_nobody_takes_is_told_within_seconds()
    {
        using var site = new TemporaryFolder();
        using var full = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        full.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        full.Listen(0);
        // Whoever waits in a full queue hears nothing, as behind a firewall that drops.
        var waiting = Enumerable.Range(0, 8).Select(_ => new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp)).ToList();
        waiting.ForEach(s => _ = s.ConnectAsync(full.LocalEndPoint!));
        using var cancel = new CancellationTokenSource();
        List<string> told = [];
        using var client = new WeightClient(new Uri($"http://{full.LocalEndPoint}".Replace("[::ffff:127.0.0.1]", "127.0.0.1", StringComparison.Ordinal)), new WeightStore(site["weights"]))
        {
            Hindered = (problem, _) =>
            {
                told.Add(problem);
                cancel.Cancel();
            },
        };
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.FetchAsync(Plane.DigestOf([1]), cancel: cancel.Token));
        waiting.ForEach(s => s.Dispose());
        Assert.Contains("no connection was made; is the port open on the way there?", Assert.Single(told));
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds, 4, 15);
    }

    [Fact]
    public async Task A_folder_of_the_server_that_was_removed_is_made_anew()
    {
        await using var plane = await Plane.StartAsync();
        var round = new RoundId(new FederationId("demo"), 1);
        var (weights, update) = (plane.Put(plane.Site, Plane.Bytes(1000, 1)), plane.Put(plane.Site, Plane.Bytes(1000, 2)));
        plane.Spool.Open(round);
        using var client = plane.Client();
        await client.SendAsync(round, update);
        Directory.Delete(plane.SpoolFolder, recursive: true);
        Directory.Delete(Path.GetDirectoryName(plane.Central.PathOf(weights))!, recursive: true);

        Assert.False(plane.Spool.Open(round).Has(update));
        await client.SendAsync(weights);
        await client.SendAsync(round, update);

        Assert.True(plane.Central.Has(weights));
        Assert.True(plane.Spool.Open(round).Has(update));
        await plane.RestartAsync();
        Assert.True(plane.Spool.Open(round).Has(update));
        Assert.Null(plane.Spool.Health.Now);
    }

    [Fact]
    public async Task What_is_wrong_with_the_servers_disk_is_said_without_a_path_and_stands_until_it_is_mended()
    {
        await using var plane = await Plane.StartAsync();
        var weights = plane.Put(plane.Site, Plane.Bytes(1000, 1));
        string folder = Path.GetDirectoryName(plane.Central.PathOf(weights))!;
        Directory.Delete(folder, recursive: true);
        await File.WriteAllTextAsync(folder, "a file in the folder's place");
        using var client = new WeightClient(plane.Server.Address, plane.Site, clock: new HastyClock()) { Attempts = 2 };

        var error = await Assert.ThrowsAsync<TransferException>(() => client.SendAsync(weights));

        Assert.Contains("answered 507: The server is paused: ", error.Message);
        Assert.DoesNotContain(folder, error.Message);
        Assert.NotNull(plane.Central.Health.Now);
        File.Delete(folder);
        await client.SendAsync(weights);
        Assert.Null(plane.Central.Health.Now);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_given_up()
    {
        await using var plane = await Plane.StartAsync();
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        using var client = new WeightClient(new Uri($"http://{silent.LocalEndpoint}"), plane.Site, clock: new HastyClock()) { Attempts = 2 };
        var error = await Assert.ThrowsAsync<TransferException>(() => client.FetchAsync(Plane.DigestOf([1])));
        Assert.Contains("no byte moved for 30 s", error.Message);
    }

    [Fact]
    public async Task A_cancelled_fetch_keeps_what_has_arrived()
    {
        await using var plane = await Plane.StartAsync();
        var digest = plane.Put(plane.Central, Plane.Bytes(Largest, 1));
        using var client = plane.Client();
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.FetchAsync(digest, new Recorded(_ => cancel.Cancel()), cancel.Token));
        Assert.False(plane.Site.Has(digest));
        Assert.NotEqual(0, new FileInfo(plane.Site.PathOf(digest) + ".part").Length);
    }

    private sealed class Recorded(Action<long>? then = null) : IProgress<long>
    {
        internal List<long> Values { get; } = [];

        public void Report(long value)
        {
            Values.Add(value);
            then?.Invoke(value);
        }
    }
}
