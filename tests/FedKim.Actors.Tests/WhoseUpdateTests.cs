using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using FedKim.Actors.Server;
using FedKim.Actors.Server.Rounds;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Tests;

/// <summary>A server takes what it has asked for, and counts for a site what that site has brought.</summary>
public sealed class WhoseUpdateTests() : PatientKit(ConfigurationFactory.ParseString(Fragments.Text("dispatchers.conf")))
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly RoundId Id = new(new FederationId("rehearsal"), 1);

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-").FullName;

    [Theory]
    [InlineData("hospital-b", "hospital-a", true)]
    [InlineData("hospital-a", "hospital-a", false)]
    [InlineData("hospital-b", null, false)]
    public async Task An_update_counts_for_nobody_but_who_brought_it(string says, string? brought, bool refused)
    {
        var (model, update) = (Put("model", 1), Put("update", 2));
        string spool = Path.Combine(_folder, "spool");
        await using (var plane = await WeightServer.StartAsync(Weights, Opened(spool), new IPEndPoint(IPAddress.Loopback, 0)))
        using (var client = WeightRoute.Plain.To(plane.Address.ToString(), Weights))
            await client.SendAsync(Id, update);
        if (brought is not null)
            await File.WriteAllTextAsync(Path.Combine(spool, "rehearsal-1", $"{update}.of"), UpdateNote.Of(update, new ClientId(brought)), TestContext.Current.CancellationToken);
        // After a restart.
        var server = Server(Opened(spool));
        var round = new Round(Id) { Exists = true, Phase = Phase.Training, StartModel = model, Invited = [new("hospital-a"), new("hospital-b")] };
        var coordinator = Sys.ActorOf(Props.Create(() => new Coordinator(server, round)));

        var drop = await coordinator.Ask<RoundCommands.Drop>(new SiteMessages.Contribute(Id, new ClientId(says), update, [new TaskSamples("none", 3)], 0.5), Limit);

        // Whoever brought it is heard, and refused for what it counts.
        Assert.EndsWith(refused ? "another site has brought it" : "it counts samples of task none, which trains no part of the model", drop.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Contributions_that_come_together_are_decided_on_together_in_the_order_of_their_sites()
    {
        var server = Server(Opened(Path.Combine(_folder, "spool")));
        var coordinator = Sys.ActorOf(Props.Create(() => new Coordinator(server, new Round(Id))));
        var heard = CreateTestProbe();
        Sys.EventStream.Subscribe(heard.Ref, typeof(ImmutableArray<Contributions.Judged>));

        coordinator.Tell(((string[])["hospital-b", "hospital-a"]).Select(site => new Contributions.Checked(
            new SiteMessages.Contribute(Id, new ClientId(site), Digest.Of(SHA256.HashData([1])), [], 0.5), SampleCounts.None, null, null)).ToArray());

        var judged = heard.ExpectMsg<ImmutableArray<Contributions.Judged>>(Limit, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["hospital-a", "hospital-b"], judged.Select(j => j.Said.Client.Value));
        heard.ExpectNoMsg(TimeSpan.Zero, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void What_a_server_asks_for_it_takes()
    {
        var server = Server(new Spool(Path.Combine(_folder, "spool")));
        var (here, lacking) = (Put("here", 1), Digest.Of(SHA256.HashData([2])));

        Assert.False(server.Holds([here, lacking]));

        Assert.False(server.Store.IsWanted(here));
        Assert.True(server.Store.IsWanted(lacking));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Directory.Delete(_folder, recursive: true);
    }

    private WeightStore Weights => field ??= new WeightStore(Path.Combine(_folder, "weights"));

    private static Spool Opened(string folder)
    {
        var spool = new Spool(folder);
        spool.Open(Id);
        return spool;
    }

    private ServerContext Server(Spool spool) => new(
        "server-1", Weights, spool, "http://127.0.0.1:1", Path.Combine(_folder, "scratch"), ActorRefs.Nobody, ActorRefs.Nobody, TimeProvider.System);

    private Digest Put(string name, byte content)
    {
        string file = Path.Combine(_folder, name);
        File.WriteAllBytes(file, [content]);
        var digest = Digest.Of(SHA256.HashData([content]));
        Weights.Import(new WeightFile(file, digest));
        return digest;
    }

    private sealed class Coordinator : ReceiveActor, IWithTimers
    {
        public ITimerScheduler Timers { get; set; } = null!;

        public Coordinator(ServerContext server, Round round)
        {
            var contributions = new Contributions(TestFederation.Plan(1, 1, "hospital-a", "hospital-b"), server, Context, Timers!, Context.GetLogger());
            Receive<SiteMessages.Contribute>(m => contributions.Check(m, round, Sender));
            Receive<Contributions.Checked[]>(looks => Array.ForEach(looks, look => contributions.Gather(look, Sender)));
            Receive<Contributions.Checked>(look => contributions.Gather(look, Sender));
            Receive<Contributions.Gathered>(_ =>
            {
                var judged = contributions.Judge(round);
                foreach (var one in judged)
                    one.Site.Tell(one.Command);
                Context.System.EventStream.Publish(judged);
            });
        }
    }
}
