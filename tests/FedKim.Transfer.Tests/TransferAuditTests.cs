using System.Collections.Concurrent;
using System.Net;
using FedKim.Audit;
using FedKim.Certificates;
using FedKim.Rounds;
using FedKim.Testing;

namespace FedKim.Transfer.Tests;

/// <summary>What both ends of a transfer note of it, and that it is what the connection carried.</summary>
public sealed class TransferAuditTests : IAsyncDisposable
{
    private static readonly byte[] Bytes = Plane.Bytes(1_500_000, 1);
    private static readonly RoundId Round = new(new FederationId("demo"), 3);

    private readonly TestConsortium _clinics = new();
    private readonly ConcurrentQueue<AuditEntry> _atServer = new(), _atSite = new();
    private Plane? _plane;

    public async ValueTask DisposeAsync()
    {
        if (_plane is not null)
            await _plane.DisposeAsync();
        _clinics.Dispose();
    }

    [Theory]
    [InlineData(true, "TLS 1.3")]
    [InlineData(false, "none")]
    public async Task Both_ends_note_the_bytes_that_the_connection_counted(bool secured, string protection)
    {
        var plane = await Start(secured);
        plane.Spool.Open(Round).Admit(Round, [new ClientId("hospital-a")]);
        var (update, model) = (plane.Put(plane.Site, Bytes), plane.Put(plane.Central, Plane.Bytes(700_001, 2)));
        plane.Central.MayFetch = (_, weights) => weights == model;
        var counter = new BodyCounter();
        using (var client = Client(secured, counter))
        {
            await client.SendAsync(Round, update);
            // What is there already does not move, and is not noted.
            Assert.Equal(0, await client.SendAsync(Round, update));
            await client.FetchAsync(model);
        }

        Assert.Equal((Bytes.Length, 700_001), (counter.Sent, counter.Received));
        string? server = secured ? "spiffe://clinics/server/server" : null, site = secured ? "spiffe://clinics/hospital/hospital-a" : null;
        Assert.Equal([Update(AuditKind.Sent, server), Model(AuditKind.Received, server)], _atSite);
        Assert.Equal([Update(AuditKind.Received, site), Model(AuditKind.Sent, site)], await AtServer(2));

        AuditEntry Update(AuditKind kind, string? peer) => new(kind, AuditMatter.Update)
        {
            Peer = peer,
            Federation = "demo",
            Round = 3,
            Bytes = counter.Sent,
            Digest = update.Hex,
            Protection = protection,
        };

        AuditEntry Model(AuditKind kind, string? peer) => new(kind, AuditMatter.Model) { Peer = peer, Bytes = counter.Received, Digest = model.Hex, Protection = protection };
    }

    [Fact]
    public async Task A_transfer_that_is_cut_is_a_line_for_each_piece_and_their_sum_is_what_was_sent()
    {
        var plane = await Start(secured: false);
        plane.Spool.Open(Round);
        var update = plane.Put(plane.Site, Bytes);
        await using var proxy = new CuttingProxy(plane.Server.Address, [400_000, 500_000]);
        var counter = new BodyCounter();
        var connections = new SocketsHttpHandler { PlaintextStreamFilter = counter.Count };
        using var client = new WeightClient(proxy.Address, plane.Site, connections, new HastyClock()) { Noted = _atSite.Enqueue };

        long sent = await client.SendAsync(Round, update, cancel: TestContext.Current.CancellationToken);

        Assert.True(plane.Spool.Find(Round)!.Has(update));
        Assert.Equal([AuditOutcome.Cut, AuditOutcome.Cut, AuditOutcome.Done], _atSite.Select(entry => entry.Outcome));
        Assert.Equal(sent, _atSite.Sum(entry => entry.Bytes));
        // The last chunk of a piece that is cut may have left this end only in part.
        Assert.InRange(counter.Sent, sent - 2 * IncomingFile.ChunkBytes, sent + 2 * IncomingFile.ChunkBytes);
        // Of a piece that was cut before its bytes were taken nothing stands here.
        var there = await AtServer(() => _atServer.Any(entry => entry.Outcome == AuditOutcome.Done));
        // What arrived was kept: together the pieces are the file, once.
        Assert.Equal(Bytes.Length, there.Sum(entry => entry.Bytes));
        Assert.Equal(AuditOutcome.Done, there[^1].Outcome);
        Assert.All(there[..^1], entry => Assert.Equal(AuditOutcome.Cut, entry.Outcome));
    }

    [Fact]
    public async Task What_is_refused_is_noted_with_the_name_on_the_certificate()
    {
        var plane = await Start(secured: true);
        var model = plane.Put(plane.Central, Bytes);
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = _clinics.Peer("anna", PeerRole.Observer).ToServer() });

        using var answer = await http.GetAsync(new Uri(plane.Server.Address, $"weights/{model}"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var refused = Assert.Single(await AtServer(1));
        Assert.Equal((AuditKind.Refused, AuditMatter.Model, "spiffe://clinics/observer/anna", "may not fetch a model"), (refused.Kind, refused.Matter, refused.Peer, refused.Detail));
    }

    [Fact]
    public async Task Bytes_that_are_not_the_digests_are_noted_as_taken_and_refused()
    {
        var plane = await Start(secured: false);
        using var http = new HttpClient();
        using var body = new ByteArrayContent(Bytes);
        using var answer = await http.PutAsync(new Uri(plane.Server.Address, $"weights/{Plane.DigestOf("other"u8)}"), body, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var refused = Assert.Single(await AtServer(1));
        Assert.Equal((AuditKind.Received, AuditOutcome.Refused, Bytes.Length), (refused.Kind, refused.Outcome, refused.Bytes));
    }

    // A request is noted when its answer has ended, which its client sees a moment before.
    private Task<AuditEntry[]> AtServer(int expected) => AtServer(() => _atServer.Count >= expected);

    private async Task<AuditEntry[]> AtServer(Func<bool> noted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (!noted())
            await Task.Delay(TimeSpan.FromMilliseconds(10), limit.Token);
        return [.. _atServer];
    }

    private async Task<Plane> Start(bool secured) =>
        _plane = await Plane.StartAsync(peers: secured ? new PeerConnections(_clinics.Peer("server", PeerRole.Server), TimeProvider.System) : null, noted: _atServer.Enqueue);

    private WeightClient Client(bool secured, BodyCounter counter)
    {
        Func<HttpMessageHandler> connect = () =>
        {
            var handler = new SocketsHttpHandler { PlaintextStreamFilter = counter.Count };
            if (secured)
                handler.SslOptions = _clinics.Peer("hospital-a", PeerRole.Hospital).ToServer();
            return handler;
        };
        return new WeightRoute(connect, Noted: _atSite.Enqueue).To(_plane!.Server.Address.ToString(), _plane.Site);
    }
}
