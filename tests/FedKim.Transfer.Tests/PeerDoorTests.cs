using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using FedKim.Certificates;
using FedKim.Rounds;
using FedKim.Testing;

namespace FedKim.Transfer.Tests;

/// <summary>Who is let in at a server's door, and what each may do there.</summary>
public sealed class PeerDoorTests : IAsyncDisposable
{
    private static readonly byte[] Model = Plane.Bytes(100_000, 1);

    private readonly TestConsortium _clinics = new();
    private readonly ConcurrentQueue<string> _told = new();
    private Plane? _plane;

    private string Told => string.Join('\n', _told);

    public async ValueTask DisposeAsync()
    {
        if (_plane is not null)
            await _plane.DisposeAsync();
        _clinics.Dispose();
    }

    [Theory]
    [InlineData(PeerRole.Hospital)]
    [InlineData(PeerRole.Injector)]
    [InlineData(PeerRole.Server)]
    public async Task A_node_of_the_consortium_fetches_and_brings_models(PeerRole role)
    {
        var plane = await Start();
        var (there, own) = (plane.Put(plane.Central, Model), plane.Put(plane.Site, Plane.Bytes(50_000, 2)));
        using var client = Client(_clinics.Peer("peer", role));
        plane.Central.Want(own);
        plane.Central.MayFetch = (site, model) => (site.Value, model) == ("peer", there);

        await client.FetchAsync(there);
        await client.SendAsync(own);

        Assert.True(plane.Site.Has(there) && plane.Central.Has(own));
        Assert.Equal("", Told);
    }

    [Fact]
    public async Task A_hospital_is_given_the_models_of_its_own_federations_and_none_before_it_is_known_whose_they_are()
    {
        var plane = await Start();
        var (own, others) = (plane.Put(plane.Central, Model), plane.Put(plane.Central, Plane.Bytes(50_000, 2)));
        var hospital = _clinics.Peer("hospital-a", PeerRole.Hospital);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await Ask(hospital, "GET", $"weights/{own}"));

        plane.Central.MayFetch = (site, model) => (site.Value, model) == ("hospital-a", own);

        Assert.Equal(HttpStatusCode.OK, await Ask(hospital, "GET", $"weights/{own}"));
        Assert.Equal(HttpStatusCode.Forbidden, await Ask(hospital, "GET", $"weights/{others}"));
        Assert.Equal(HttpStatusCode.Forbidden, await Ask(_clinics.Peer("hospital-b", PeerRole.Hospital), "GET", $"weights/{own}"));
        Assert.Equal(HttpStatusCode.OK, await Ask(_clinics.Peer("injector", PeerRole.Injector), "GET", $"weights/{others}"));
    }

    [Theory]
    [InlineData(PeerRole.Operator, "GET", HttpStatusCode.Forbidden)]
    [InlineData(PeerRole.Operator, "PUT", HttpStatusCode.Forbidden)]
    [InlineData(PeerRole.Observer, "GET", HttpStatusCode.Forbidden)]
    [InlineData(PeerRole.Injector, "GET", HttpStatusCode.OK)]
    public async Task A_person_has_no_part_in_weights(PeerRole role, string method, HttpStatusCode expected)
    {
        var plane = await Start();
        var model = plane.Put(plane.Central, Model);

        Assert.Equal(expected, await Ask(_clinics.Peer("someone", role), method, $"weights/{model}"));
        if (expected == HttpStatusCode.Forbidden)
            Assert.Contains($"spiffe://clinics/{PeerId.Name(role)}/someone is refused", Told, StringComparison.Ordinal);
        Assert.Equal(Model, await File.ReadAllBytesAsync(plane.Central.PathOf(model), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_injector_brings_no_update()
    {
        var plane = await Start();
        var round = new RoundId(new FederationId("demo"), 1);
        plane.Spool.Open(round).Admit(round, [new ClientId("hospital-a")]);
        var update = Plane.DigestOf(Model);

        Assert.Equal(HttpStatusCode.Forbidden, await Ask(_clinics.Peer("injector", PeerRole.Injector), "PUT", $"spool/{round}/{update}"));
        Assert.NotEqual(HttpStatusCode.Forbidden, await Ask(_clinics.Peer("hospital-a", PeerRole.Hospital), "PUT", $"spool/{round}/{update}"));
    }

    [Fact]
    public async Task Who_is_not_of_the_consortium_gets_no_byte()
    {
        var plane = await Start();
        var model = plane.Put(plane.Central, Model);
        using var strangers = new TestConsortium();
        var expired = _clinics.Issue("late", PeerRole.Hospital, TimeSpan.FromSeconds(2));
        var late = _clinics.Peer(expired);
        _clinics.Revoke(late.Trust.Id.Site);

        // What a stranger sees of the server it does not believe either; so it is to believe anything.
        Assert.Null(await Ask(strangers.Peer("hospital-a", PeerRole.Hospital), "GET", $"weights/{model}", believes: true));
        Assert.Null(await Ask(null, "GET", $"weights/{model}", believes: true));
        Assert.Contains("its certificate was signed by another authority", Told, StringComparison.Ordinal);
        Assert.Contains("it shows no certificate", Told, StringComparison.Ordinal);
        using var plain = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync(new Uri($"http://{plane.Server.Address.Authority}/weights/{model}"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_hospital_that_passes_for_a_server_is_sent_nothing()
    {
        _plane = await Plane.StartAsync(peers: new PeerConnections(_clinics.Peer("hospital-b", PeerRole.Hospital), TimeProvider.System));
        var refused = new ConcurrentQueue<string>();
        var own = _plane.Put(_plane.Site, Model);
        using var client = Client(_clinics.Peer("hospital-a", PeerRole.Hospital, verdict => refused.Enqueue(verdict.Problem!)));

        await Assert.ThrowsAsync<TransferException>(() => client.SendAsync(own, cancel: TestContext.Current.CancellationToken));

        Assert.False(_plane.Central.Has(own));
        Assert.Contains("a server is wanted here", refused);
    }

    [Fact]
    public async Task A_revoked_peer_is_cut_off_in_the_middle_of_its_transfer_and_not_let_in_again()
    {
        var plane = await Start();
        var peer = _clinics.Peer("hospital-a", PeerRole.Hospital);
        var other = _clinics.Peer("hospital-b", PeerRole.Hospital);
        var update = Plane.DigestOf(Model);
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = peer.ToServer() });
        plane.Central.Want(update);
        var trickle = new TricklingContent(Model.Length);
        var upload = http.PutAsync(new Uri(plane.Server.Address, $"weights/{update}"), trickle, TestContext.Current.CancellationToken);
        await trickle.Began;

        _clinics.Revoke("hospital-a");

        // Five seconds are promised, and it takes one: the machine may have other things to do.
        await Assert.ThrowsAsync<HttpRequestException>(() => upload.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        Assert.Contains("spiffe://clinics/hospital/hospital-a is cut off: its certificate is revoked", Told, StringComparison.Ordinal);
        Assert.Null(await Ask(peer, "GET", $"weights/{update}"));
        Assert.Equal(HttpStatusCode.NotFound, await Ask(other, "GET", $"weights/{update}"));
    }

    private async Task<Plane> Start()
    {
        var server = _clinics.Peer("server", PeerRole.Server, verdict => _told.Enqueue($"{verdict.Shown}: {verdict.Problem}"));
        return _plane = await Plane.StartAsync(peers: new PeerConnections(server, TimeProvider.System) { Told = (peer, what) => _told.Enqueue($"{peer} {what}") });
    }

    private WeightClient Client(PeerTls peer) => new WeightRoute(() => new SocketsHttpHandler { SslOptions = peer.ToServer() }).To(_plane!.Server.Address.ToString(), _plane.Site);

    // Null where no answer came.
    private async Task<HttpStatusCode?> Ask(PeerTls? peer, string method, string path, bool believes = false)
    {
        var options = peer?.ToServer() ?? new System.Net.Security.SslClientAuthenticationOptions();
        if (believes)
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = options });
        try
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_plane!.Server.Address, path));
            if (method == "PUT")
                request.Content = new ByteArrayContent(Model);
            using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
        catch (HttpRequestException e) when (e.GetBaseException() is AuthenticationException or SocketException or IOException or HttpIOException)
        {
            return null;
        }
    }

    /// <summary>A body of which a byte comes now and then.</summary>
    private sealed class TricklingContent(int length) : HttpContent
    {
        private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Began => _began.Task;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancel)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            for (int i = 0; i < length; i++)
            {
                await stream.WriteAsync(Model.AsMemory(i, 1), cancel);
                await stream.FlushAsync(cancel);
                _began.TrySetResult();
                await timer.WaitForNextTickAsync(cancel);
            }
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override bool TryComputeLength(out long computed)
        {
            computed = length;
            return true;
        }
    }
}
