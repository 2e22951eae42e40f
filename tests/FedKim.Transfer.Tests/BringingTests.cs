using System.Net;
using FedKim.Certificates;
using FedKim.Rounds;
using FedKim.Testing;

namespace FedKim.Transfer.Tests;

/// <summary>What a certified site may bring: models that were asked for, and few updates, its own, to a round it is invited to.</summary>
public sealed class BringingTests : IAsyncDisposable
{
    private static readonly RoundId Round = new(new FederationId("demo"), 1);
    private static readonly ClientId A = new("hospital-a"), B = new("hospital-b");

    private readonly TestConsortium _clinics = new();
    private Plane _plane = null!;

    public async ValueTask DisposeAsync()
    {
        if (_plane is not null)
            await _plane.DisposeAsync();
        _clinics.Dispose();
    }

    [Fact]
    public async Task A_hospital_brings_a_model_while_the_server_lacks_it_and_none_that_it_makes_up()
    {
        await Start();
        var (lacked, own) = (Put(1), Put(2));
        using var hospital = Client("hospital-a", PeerRole.Hospital);
        _plane.Central.Want(lacked);

        var refused = await Assert.ThrowsAsync<TransferException>(() => hospital.SendAsync(own));
        await hospital.SendAsync(lacked);

        Assert.Contains($"Nobody has asked hospital-a for weights {own.Short}", refused.Message, StringComparison.Ordinal);
        Assert.Equal([lacked], _plane.Central.List());
        Assert.False(_plane.Central.IsWanted(lacked));
        // What is there is nothing to bring, and is said as before.
        Assert.Equal(0, await hospital.SendAsync(lacked));
        using var injector = Client("injector", PeerRole.Injector);
        await injector.SendAsync(own);
        Assert.True(_plane.Central.Has(own));
    }

    [Fact]
    public async Task Updates_are_taken_from_invited_sites_alone()
    {
        await Start();
        var update = Put(1);
        using var invited = Client("hospital-a", PeerRole.Hospital);
        using var other = Client("hospital-b", PeerRole.Hospital);
        var spool = _plane.Spool.Open(Round);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await Ask("hospital-a", "PUT", update));

        spool.Admit(Round, [A]);
        var refused = await Assert.ThrowsAsync<TransferException>(() => other.SendAsync(Round, update));
        await invited.SendAsync(Round, update);

        Assert.Contains("hospital-b is not invited to this round", refused.Message, StringComparison.Ordinal);
        Assert.True(spool.Has(update));
        Assert.Equal(A, spool.WhoseIs(update));
    }

    [Fact]
    public async Task A_sites_newest_update_takes_the_place_of_its_oldest_that_does_not_count()
    {
        await Start();
        var spool = _plane.Spool.Open(Round);
        spool.Admit(Round, [A]);
        var updates = Enumerable.Range(1, 6).Select(Put).ToArray();
        using var hospital = Client("hospital-a", PeerRole.Hospital);

        foreach (var update in updates[..3])
            await hospital.SendAsync(Round, update);
        Assert.Equal(updates[1..3], Here());

        spool.Look(A, updates[1]);
        await hospital.SendAsync(Round, updates[3]);
        Assert.Equal([updates[1], updates[3]], Here());

        spool.Look(A, updates[3]);
        spool.Admit(Round, [A], updates[1]);
        Assert.Equal(HttpStatusCode.NotFound, await Ask("hospital-a", "HEAD", updates[4]));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await Ask("hospital-a", "PUT", updates[4]));

        // Damaged, it was made again, and is other bytes; the one that counts stays.
        spool.Look(A, updates[5]);
        spool.Lose(updates[3]);
        await hospital.SendAsync(Round, updates[5]);
        Assert.Equal([updates[1], updates[5]], Here());
        Assert.Null(_plane.Spool.Health.Now);

        Digest[] Here() => [.. updates.Where(spool.Has)];
    }

    [Fact]
    public void What_arrives_is_not_replaced()
    {
        using var folder = new TemporaryFolder();
        var owners = new UpdateOwners(folder.Path);
        var updates = Enumerable.Range(1, 4).Select(i => Plane.DigestOf([(byte)i])).ToArray();
        List<Digest> removed = [];
        var first = owners.Enter(A, updates[0], removed.Add)!;
        using var second = owners.Enter(A, updates[1], removed.Add);

        Assert.Null(owners.Enter(A, updates[2], removed.Add));
        using var others = owners.Enter(B, updates[3], removed.Add);
        Assert.NotNull(others);
        first.Dispose();
        Assert.Empty(removed);
        using var third = owners.Enter(A, updates[2], removed.Add);
        Assert.NotNull(third);
        Assert.Equal([updates[0]], removed);
    }

    [Fact]
    public async Task An_update_of_one_site_is_neither_taken_of_another_nor_told_to_it()
    {
        await Start();
        var spool = _plane.Spool.Open(Round);
        spool.Admit(Round, [A, B]);
        var (own, counted) = (Put(1), Put(2));
        using var hospital = Client("hospital-a", PeerRole.Hospital);
        using var other = Client("hospital-b", PeerRole.Hospital);
        await hospital.SendAsync(Round, own);
        // This server lacks it, and knows whose it is.
        spool.Admit(Round, [A, B], counted);

        foreach (var update in new[] { own, counted })
        {
            Assert.Equal(HttpStatusCode.NotFound, await Ask("hospital-b", "HEAD", update));
            Assert.Equal(HttpStatusCode.Forbidden, await Ask("hospital-b", "PUT", update));
            var refused = await Assert.ThrowsAsync<TransferException>(() => other.SendAsync(Round, update));
            Assert.Contains($"Update {update.Short} is another site's; it is not taken of hospital-b.", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, await hospital.SendAsync(Round, own));
        await hospital.SendAsync(Round, counted);

        // Another process knows it too.
        var again = new Spool(_plane.SpoolFolder).Open(Round);
        again.Admit(Round, [A, B]);
        Assert.Equal([A, A], new[] { own, counted }.Select(again.WhoseIs));
        Assert.NotNull(again.Owners.Refusal(B, own));
        Assert.Null(again.Owners.Refusal(A, own));
        // Without the note it is nobody's, and does not count as there.
        File.Delete(Path.Combine(_plane.SpoolFolder, "demo-1", $"{own}.of"));
        var older = new Spool(_plane.SpoolFolder).Open(Round);
        older.Admit(Round, [A, B]);
        Assert.Null(older.WhoseIs(own));
        Assert.False(older.Has(own));
        Assert.Null(older.Owners.Refusal(B, own));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_server_brings_stays_whose_it_was(bool noted)
    {
        await using var former = await Plane.StartAsync();
        await Start();
        var update = Put(1);
        using (var site = new WeightRoute().To(former.Server.Address.ToString(), _plane.Site))
        {
            former.Spool.Open(Round);
            await site.SendAsync(Round, update);
        }

        if (noted)
            former.Spool.Open(Round).Owners.Note(update, A);
        var spool = _plane.Spool.Open(Round);
        spool.Admit(Round, [A, B], noted ? null : update);
        using var server = Client("server-b", PeerRole.Server);

        Assert.NotEqual(0, await server.SendAsync(Round, update, former.Spool.Open(Round)));

        Assert.True(spool.Has(update));
        Assert.Equal(A, spool.WhoseIs(update));
        Assert.Equal(HttpStatusCode.Forbidden, await Ask("hospital-b", "PUT", update));
        Assert.Equal(HttpStatusCode.OK, await Ask("hospital-a", "PUT", update));
    }

    private async Task Start() =>
        _plane = await Plane.StartAsync(peers: new PeerConnections(_clinics.Peer("server", PeerRole.Server), TimeProvider.System));

    private Digest Put(int seed) => _plane.Put(_plane.Site, Plane.Bytes(10_000, seed));

    private WeightClient Client(string name, PeerRole role)
    {
        var peer = _clinics.Peer(name, role);
        return new WeightRoute(() => new SocketsHttpHandler { SslOptions = peer.ToServer() }).To(_plane.Server.Address.ToString(), _plane.Site);
    }

    private async Task<HttpStatusCode> Ask(string site, string method, Digest update)
    {
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = _clinics.Peer(site, PeerRole.Hospital).ToServer() });
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_plane.Server.Address, $"spool/{Round}/{update}"));
        if (method == "PUT")
            request.Content = new ByteArrayContent([]);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
