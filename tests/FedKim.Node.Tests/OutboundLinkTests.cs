using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using FedKim.Node.Links;
using FedKim.Protocol.Framed;
using FedKim.Protocol.Links;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace FedKim.Node.Tests;

/// <summary>A site in no cluster and servers' doors, each a real web server on loopback.</summary>
public sealed class OutboundLinkTests
{
    private static readonly RoundId Round = new(new FederationId("demo"), 1);
    private static readonly Digest Model = Digest.Of([.. Enumerable.Repeat((byte)1, 32)]);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task What_a_site_says_arrives_under_its_own_name_whatever_it_says_and_is_answered()
    {
        await using var server = await LinkServer.Start();
        await using var site = new LinkSite("hospital-a", server.Door);
        await site.Shows(v => v.IsOpen);

        site.Says(Hello("hospital-b"));
        var hello = await server.Ear.Hears<SiteMessages.Hello>();
        site.Says(new SiteMessages.Contribute(Round, new ClientId("hospital-b"), Model, [new TaskSamples("demo", 3)], 0.5));
        var (contribution, sender) = await server.Ear.HearsFrom<SiteMessages.Contribute>();
        site.Says(new SiteMessages.CannotContribute(Round, new ClientId("hospital-b"), "no data"));
        var refusal = await server.Ear.Hears<SiteMessages.CannotContribute>();

        Assert.Equal(["hospital-a", "hospital-a", "hospital-a"], [hello.Client.Value, contribution.Client.Value, refusal.Client.Value]);
        Assert.Equal("outbound via server, from 127.0.0.1", hello.Through);
        hello.Site.Tell(Train("{}"));
        Assert.Equal(Train("{}"), await site.Work.Hears<SiteMessages.Train>());
        sender.Tell(new SiteMessages.Answered(Round, contribution.Client, true, ""));
        Assert.Equal(new SiteMessages.Answered(Round, new ClientId("hospital-a"), true, ""), await site.Work.Hears<SiteMessages.Answered>());
    }

    [Fact]
    public async Task A_replay_is_not_asked_over_a_link_and_the_answer_says_who_may_ask_it()
    {
        await using var site = new LinkSite("hospital-a", "127.0.0.1:1");

        var refused = await site.Link.Ask<OperatorMessages.Refused>(new FederationQueries.GetReplay(1), Soon);

        Assert.Contains("Only those who run the federation's servers may ask it", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Weights_go_over_the_same_port_beside_the_link()
    {
        await using var server = await LinkServer.Start();
        await using var site = new LinkSite("hospital-a", server.Door);
        await site.Shows(v => v.IsOpen);
        using var http = new HttpClient();

        using var answer = await http.GetAsync(new Uri(server.Address, $"weights/{Model}"), TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.NotFound, HttpVersion.Version11), (answer.StatusCode, answer.Version));
        await Greets(site, server);
    }

    [Fact]
    public async Task A_server_that_was_restarted_is_found_again_and_meanwhile_it_shows_why_there_is_none()
    {
        await using var site = new LinkSite("hospital-a", "127.0.0.1:1");
        Assert.Contains("127.0.0.1:1 refuses connections", (await site.Shows(v => !v.Problems.IsEmpty)).Missing);
        var first = await LinkServer.Start();
        var (port, door) = (first.Port, first.Door);
        await using var other = new LinkSite("hospital-b", first.Door);
        await Greets(other, first);

        await first.DisposeAsync().AsTask().WaitAsync(Soon, TestContext.Current.CancellationToken);
        await other.Shows(v => !v.IsOpen && v.Missing.Contains(door));
        await using var second = await LinkServer.Start(port: port);

        await Greets(other, second);
    }

    [Fact]
    public async Task A_line_that_is_cut_leads_to_the_next_server()
    {
        await using var first = await LinkServer.Start("first");
        await using var second = await LinkServer.Start("second");
        await using var proxy = new LinkProxy(first.Port);
        await using var site = new LinkSite("hospital-a", $"127.0.0.1:{proxy.Port}", second.Door);
        Assert.Equal("first", (await site.Shows(v => v.IsOpen)).Server);

        proxy.Cut();

        await site.Shows(v => v.Server == "second");
        await Greets(site, second);
    }

    // As when a firewall forgets a connection: nobody is told.
    [Fact]
    public async Task A_line_on_which_nothing_comes_any_more_is_noticed_and_leads_to_the_next_server()
    {
        await using var first = await LinkServer.Start("first");
        await using var second = await LinkServer.Start("second");
        await using var proxy = new LinkProxy(first.Port);
        await using var site = new LinkSite("hospital-a", $"127.0.0.1:{proxy.Port}", second.Door);
        await site.Shows(v => v.Server == "first");
        site.Says(Hello());
        var gate = (await first.Ear.Hears<SiteMessages.Hello>()).Site;

        proxy.Freeze();

        await site.Shows(v => v.Server == "second");
        // What the first server said on the old line is not heard on the new one.
        gate.Tell(Train("{}"));
        site.Says(Hello());
        (await second.Ear.Hears<SiteMessages.Hello>()).Site.Tell(Train("{\"new\":1}"));
        Assert.Equal(Train("{\"new\":1}"), await site.Work.Hears<SiteMessages.Train>());
    }

    [Fact]
    public async Task A_server_that_is_not_in_the_cluster_sends_the_site_to_another()
    {
        await using var alone = await LinkServer.Start("alone");
        await using var member = await LinkServer.Start("member");
        alone.Join(false);
        await using var site = new LinkSite("hospital-a", alone.Door, member.Door);

        Assert.Contains("is not in the federation's cluster", (await site.Shows(v => !v.Problems.IsEmpty)).Missing);
        Assert.Equal("member", (await site.Shows(v => v.IsOpen)).Server);
    }

    [Fact]
    public async Task A_server_ends_at_once_while_sites_are_connected()
    {
        var server = await LinkServer.Start();
        await using var site = new LinkSite("hospital-a", server.Door);
        await Greets(site, server);

        await server.DisposeAsync().AsTask().WaitAsync(Soon, TestContext.Current.CancellationToken);

        await site.Shows(v => !v.IsOpen);
    }

    [Fact]
    public async Task Questions_are_answered_and_commands_are_refused_with_who_may_give_them()
    {
        await using var server = await LinkServer.Start(answer: asked => (asked as FederationQueries.AskedBy)?.Question switch
        {
            FederationQueries.GetClients q => new FederationQueries.Clients([], $"after {q.After}"),
            FederationQueries.GetRound => new FederationQueries.NotFound("There is no round."),
            _ => null,
        });
        await using var site = new LinkSite("hospital-a", server.Door);
        await site.Shows(v => v.IsOpen);

        Assert.Equal("after x", (await Asks<FederationQueries.Clients>(site, new FederationQueries.GetClients("x"))).Next);
        Assert.Equal("There is no round.", (await Asks<FederationQueries.NotFound>(site, new FederationQueries.GetRound(1))).Message);
        Assert.Contains("at a server's node", (await Asks<OperatorMessages.Refused>(site, new OperatorMessages.Stop("enough"))).Reason);
        Assert.Empty(server.Ear.Rest());
    }

    [Fact]
    public async Task A_question_without_a_line_is_refused_with_why_and_one_whose_line_is_lost_ends()
    {
        await using var lost = new LinkSite("hospital-a", "127.0.0.1:1");
        await lost.Shows(v => !v.Problems.IsEmpty);
        Assert.Contains("127.0.0.1:1 refuses", (await Asks<OperatorMessages.Refused>(lost, new FederationQueries.GetInjector())).Reason);

        var server = await LinkServer.Start();
        await using var site = new LinkSite("hospital-a", server.Door);
        await site.Shows(v => v.IsOpen);
        var answer = Asks<OperatorMessages.Refused>(site, new FederationQueries.GetInjector());
        Assert.Equal("hospital-a", (await server.Ear.Hears<FederationQueries.AskedBy>(asked => asked.Question is FederationQueries.GetInjector)).Site.Value);
        await server.DisposeAsync();
        Assert.Contains("was lost before it answered", (await answer).Reason);
    }

    [Fact]
    public async Task What_a_server_lacks_is_asked_of_connected_sites_too()
    {
        await using var server = await LinkServer.Start();
        await using var site = new LinkSite("hospital-a", server.Door);
        await Greets(site, server);

        server.Gates.Tell(new WeightMessages.Wanted(Model, "http://127.0.0.1:1"));
        server.Gates.Tell(new WeightMessages.UpdateWanted(Round, Model, "http://127.0.0.1:1"));

        Assert.Equal(new WeightMessages.Wanted(Model, "http://127.0.0.1:1"), await site.Keeper.Hears<WeightMessages.Wanted>());
        Assert.Equal(new WeightMessages.UpdateWanted(Round, Model, "http://127.0.0.1:1"), await site.Keeper.Hears<WeightMessages.UpdateWanted>());
    }

    [Fact]
    public async Task A_frame_that_is_too_large_ends_the_line_it_comes_on_and_none_is_sent()
    {
        await using var server = await LinkServer.Start();
        using var stranger = new Stranger(server, "hospital-b");
        await stranger.Welcome();
        await stranger.Says(new SiteFrame { Refusal = new Refusal { Reason = new string('x', 2 * LinkLimits.FrameBytes) } });
        Assert.Equal(StatusCode.ResourceExhausted, await stranger.Ends());

        await using var site = new LinkSite("hospital-a", server.Door);
        site.Says(Hello());
        var gate = await Greets(site, server);
        gate.Tell(Train(new string('x', 2 * LinkLimits.FrameBytes)));
        gate.Tell(Train("{}"));
        Assert.Equal(Train("{}"), await site.Work.Hears<SiteMessages.Train>());
    }

    [Fact]
    public async Task A_call_that_proves_no_name_is_refused()
    {
        await using var server = await LinkServer.Start();
        foreach (string name in (string[])["", "../etc", "Hospital A"])
        {
            using var stranger = new Stranger(server, name);
            Assert.Equal(StatusCode.PermissionDenied, await stranger.Ends());
        }
    }

    [Fact]
    public async Task A_newer_line_from_the_same_machine_takes_the_place_of_the_older_at_once_and_another_machines_does_not()
    {
        await using var server = await LinkServer.Start();
        using var older = new Stranger(server, "hospital-a");
        using var other = new Stranger(server, "hospital-a");
        using var newer = new Stranger(server, "hospital-a");
        foreach (var (line, machine) in new[] { (older, "first"), (other, "second"), (newer, "first") })
        {
            await line.Welcome();
            await line.Says(new SiteFrame { Hello = new Hello { Activity = "idle", Machine = machine } });
            await server.Ear.Hears<SiteMessages.Hello>(h => h.Machine == machine);
        }

        Assert.Equal(StatusCode.OK, await older.Ends());
        await other.Says(new SiteFrame { Hello = new Hello { Activity = "idle", Machine = "second", Epoch = 7 } });
        await server.Ear.Hears<SiteMessages.Hello>(h => h is { Machine: "second", Epoch: 7 });
    }

    [Fact]
    public async Task A_site_has_so_many_lines_at_a_server_and_no_more()
    {
        await using var server = await LinkServer.Start();
        var lines = Enumerable.Range(0, 4).Select(_ => new Stranger(server, "hospital-a")).ToArray();
        try
        {
            foreach (var line in lines)
                await line.Welcome();
            using var fifth = new Stranger(server, "hospital-a");
            Assert.Equal(StatusCode.ResourceExhausted, await fifth.Ends());
            // Another site is not kept out by them.
            await using var site = new LinkSite("hospital-b", server.Door);
            await Greets(site, server);
        }
        finally
        {
            foreach (var line in lines)
                line.Dispose();
        }
    }

    [Fact]
    public async Task A_flood_waits_in_its_own_line()
    {
        var pace = new Pace(3, TimeSpan.FromMinutes(1), TimeProvider.System);
        for (int i = 0; i < 3; i++)
            Assert.True(pace.NextAsync(CancellationToken.None).IsCompletedSuccessfully);
        using var end = new CancellationTokenSource();
        var fourth = pace.NextAsync(end.Token).AsTask();
        Assert.False(fourth.IsCompleted);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fourth);
    }

    [Fact]
    public async Task A_link_goes_through_a_proxy_that_opens_tunnels()
    {
        await using var server = await LinkServer.Start();
        await using var secure = await Secure(server);
        await using var proxy = new LinkProxy();
        var reach = new Reach("https", new Uri($"http://127.0.0.1:{proxy.Port}"), handler => handler.SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });
        string door = $"127.0.0.1:{new Uri(secure.Urls.First()).Port}";
        await using var site = new LinkSite("hospital-a", reach, door);

        Assert.Equal("", (await site.Shows(v => v.IsOpen || !v.Problems.IsEmpty)).Problems.Values.FirstOrDefault(""));
        await Greets(site, server);
        Assert.Equal([door], proxy.Asked);
    }

    private static async Task<IActorRef> Greets(LinkSite site, LinkServer server)
    {
        await site.Shows(v => v.IsOpen);
        site.Says(Hello());
        return (await server.Ear.Hears<SiteMessages.Hello>()).Site;
    }

    private static Task<T> Asks<T>(LinkSite site, IWireMessage question) => site.Link.Ask<T>(question, TimeSpan.FromSeconds(20));

    private static SiteMessages.Hello Hello(string name = "hospital-a") =>
        new(new ClientId(name), ActorRefs.Nobody, new SiteStatus("idle", "", 0, 0, double.NaN, 0, ""), 0, "machine");

    private static SiteMessages.Train Train(string learning) => new(Round, 1, "fedavg", learning, Model, "http://127.0.0.1:1", 2);

    private static async Task<WebApplication> Secure(LinkServer server)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        var guest = new LinkDoor("server", LinkPeer.ByHeader, () => server.Gates, TimeProvider.System).AsGuest();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(certificate);
        }));
        builder.Services.AddRoutingCore();
        guest.Add(builder.Services);
        var application = builder.Build();
        guest.Map(application);
        await application.StartAsync();
        return application;
    }

    /// <summary>Somebody who opens a line and says what he wants.</summary>
    private sealed class Stranger : IDisposable
    {
        private readonly GrpcChannel _channel;
        private readonly AsyncDuplexStreamingCall<SiteFrame, ServerFrame> _call;

        public Stranger(LinkServer server, string name)
        {
            _channel = GrpcChannel.ForAddress(server.Address);
            _call = new SiteLink.SiteLinkClient(_channel).Connect(new Metadata { { LinkPeer.SiteHeader, name } });
        }

        public async Task Welcome() => Assert.True(await _call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));

        public async Task Says(SiteFrame frame)
        {
            try
            {
                await _call.RequestStream.WriteAsync(frame);
            }
            catch (RpcException)
            {
                // The server has ended the line before it had read all of it.
            }
        }

        /// <summary>How the line ended, once it has.</summary>
        public async Task<StatusCode> Ends()
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(20));
            try
            {
                while (await _call.ResponseStream.MoveNext(limit.Token))
                {
                }

                return StatusCode.OK;
            }
            catch (RpcException e)
            {
                return e.StatusCode;
            }
        }

        public void Dispose()
        {
            _call.Dispose();
            _channel.Dispose();
        }
    }
}
