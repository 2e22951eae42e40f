using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using FedKim.Certificates;
using FedKim.Testing;

namespace FedKim.Transfer.Tests;

/// <summary>What one peer, or all together, may take of a server.</summary>
public sealed class BoundsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_connection_beyond_the_most_is_closed_at_once()
    {
        using var folder = new TemporaryFolder();
        await using var server = await WeightServer.StartAsync(
            new WeightStore(folder["weights"]), new Spool(folder["spool"]), new IPEndPoint(IPAddress.Loopback, 0), mostConnections: 2);
        List<TcpClient> open = [];
        try
        {
            for (int i = 0; i < 2; i++)
                Assert.StartsWith("HTTP/1.1 404", await Asked());

            Assert.Equal("", await Asked());

            open[0].Dispose();
            using var limit = new CancellationTokenSource(Patience);
            while (!(await Asked()).StartsWith("HTTP/1.1 404", StringComparison.Ordinal))
                limit.Token.ThrowIfCancellationRequested();
        }
        finally
        {
            open.ForEach(client => client.Dispose());
        }

        async Task<string> Asked()
        {
            var client = new TcpClient();
            open.Add(client);
            await client.ConnectAsync(IPAddress.Loopback, server.Address.Port);
            byte[] answer = new byte[100];
            try
            {
                await client.GetStream().WriteAsync("GET /nothing HTTP/1.1\r\nHost: here\r\n\r\n"u8.ToArray());
                return System.Text.Encoding.ASCII.GetString(answer, 0, await client.GetStream().ReadAsync(answer).AsTask().WaitAsync(Patience));
            }
            catch (IOException)
            {
                return "";
            }
        }
    }

    [Fact]
    public async Task A_peer_has_so_many_connections_and_hears_of_no_more_while_others_are_served()
    {
        using var clinics = new TestConsortium();
        var told = new ConcurrentQueue<string>();
        await using var plane = await Plane.StartAsync(
            peers: new PeerConnections(clinics.Peer("server", PeerRole.Server), TimeProvider.System) { Told = (peer, what) => told.Enqueue($"{peer} {what}") });
        var (greedy, other) = (clinics.Peer("hospital-a", PeerRole.Hospital), clinics.Peer("hospital-b", PeerRole.Hospital));
        List<HttpClient> open = [];
        try
        {
            for (int i = 0; i < PeerPlaces.Most; i++)
                Assert.True(await Serves(greedy));

            Assert.False(await Serves(greedy));
            Assert.False(await Serves(greedy));
            Assert.True(await Serves(other));
            Assert.Equal(["spiffe://clinics/hospital/hospital-a has 32 connections here, and is refused more"], told);

            open[0].Dispose();
            using var limit = new CancellationTokenSource(Patience);
            while (!await Serves(greedy))
                limit.Token.ThrowIfCancellationRequested();
        }
        finally
        {
            open.ForEach(http => http.Dispose());
        }

        async Task<bool> Serves(PeerTls peer)
        {
            var http = new HttpClient(new SocketsHttpHandler { SslOptions = peer.ToServer() });
            open.Add(http);
            try
            {
                using var answer = await http.GetAsync(new Uri(plane.Server.Address, $"weights/{Plane.DigestOf([1])}"));
                return answer.StatusCode == HttpStatusCode.NotFound;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task All_who_doubt_a_file_at_a_time_share_one_comparison()
    {
        int compared = 0;
        using var goOn = new ManualResetEventSlim();
        var rechecks = new Rechecks(_ =>
        {
            Interlocked.Increment(ref compared);
            Assert.True(goOn.Wait(Patience));
            return true;
        });
        var (one, two) = (Plane.DigestOf([1]), Plane.DigestOf([2]));
        Task<bool>[] asked = [rechecks.OfAsync(one), rechecks.OfAsync(one), rechecks.OfAsync(two), rechecks.OfAsync(one)];
        goOn.Set();

        Assert.All(await Task.WhenAll(asked), Assert.True);
        Assert.Equal(2, compared);
        // The next one looks again: the disk may have done something meanwhile.
        Assert.True(SpinWait.SpinUntil(() => rechecks.OfAsync(one).Result && compared > 2, Patience));
    }
}
