using Akka.Actor;
using Akka.Configuration;
using FedKim.Actors.Hospital;
using FedKim.Actors.Members;
using FedKim.Actors.Server;
using FedKim.Parameters;
using FedKim.Protocol.Links;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Testing;
using FedKim.Transfer;

namespace FedKim.Actors.Tests;

/// <summary>A node that carries several sites: they speak together, and share one store of models.</summary>
public sealed class ManySitesOfANodeTests() : PatientKit(ConfigurationFactory.ParseString("akka.actor.provider = remote\nakka.remote.dot-netty.tcp { hostname = \"127.0.0.1\", port = 0 }")
    .WithFallback(ConfigurationFactory.ParseString(Fragments.Text("serialization.conf"))))
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task What_each_of_them_says_every_second_is_said_for_many_at_once_and_everything_else_at_once()
    {
        var greeter = Sys.ActorOf(Props.Create(() => new Greeter(TestActor)));
        for (int i = 0; i < Greeter.MostAtOnce; i++)
            greeter.Tell(Hello(i, "idle"));
        greeter.Tell(Hello(0, "training"));
        var update = new SiteMessages.CannotContribute(new RoundId(new FederationId("demo"), 1), new ClientId("site-7"), "no data");
        greeter.Tell(update);

        // Before what waits for the others.
        Assert.Equal(update, await ExpectMsgAsync<SiteMessages.CannotContribute>());
        var said = await ExpectMsgAsync<SiteMessages.Hellos>();
        Assert.Equal(Greeter.MostAtOnce, said.Items.Select(h => h.Client).Distinct().Count());
        Assert.Equal("training", said.Items.Single(h => h.Client.Value == "site-0").Status.Activity);

        // Who said nothing since is not spoken for, and who says the same says its name alone.
        greeter.Tell(said.Items.Single(h => h.Client.Value == "site-3") with { Clock = 7 });
        greeter.Tell(said.Items.Single(h => h.Client.Value == "site-4") with { Epoch = 2 });
        var (full, same) = (await ExpectMsgAsync<SiteMessages.Hellos>(), await ExpectMsgAsync<SiteMessages.Hellos>());
        Assert.Equal("site-4", Assert.Single(full.Items).Client.Value);
        Assert.Equal((0, "site-3"), (same.Items.Length, Assert.Single(same.Same)));
    }

    [Fact]
    public async Task Who_says_the_same_again_says_it_in_full_now_and_then()
    {
        var greeter = Sys.ActorOf(Props.Create(() => new Greeter(TestActor)));
        var hello = Hello(0, "idle");
        for (int turn = 0, full = 0; full < 2; turn++)
        {
            Assert.InRange(turn, 0, 15);
            greeter.Tell(hello);
            full += (await ExpectMsgAsync<SiteMessages.Hellos>()).Items.Length;
        }
    }

    [Fact]
    public async Task A_site_that_says_the_same_is_heard_as_if_it_had_said_it_and_by_no_other_node()
    {
        var hellos = new SaidHellos(TestActor);
        var hello = Hello(0, "training") with { Clock = 7 };
        hellos.Hear(new SiteMessages.Hellos([hello], ["site-1"]), hello.Site);
        hellos.Hear(new SiteMessages.Hellos([], ["site-0"]), hello.Site);

        await ExpectMsgAsync(hello);
        await ExpectMsgAsync(hello with { Clock = 0 });
        using var elsewhere = ActorSystem.Create("elsewhere", "akka { loglevel = OFF, stdout-loglevel = OFF }");
        hellos.Hear(new SiteMessages.Hellos([], ["site-0"]), elsewhere.DeadLetters);
        hellos.Hear(new SiteMessages.Hellos([hello with { Epoch = 3 }], []), hello.Site);
        Assert.Equal(3, (await ExpectMsgAsync<SiteMessages.Hello>()).Epoch);
    }

    [Fact]
    public void As_many_as_are_said_at_once_fit_into_a_frame_whatever_they_say()
    {
        string longest = new('x', 63), problem = SiteReason.Read(new string('x', 5000)).Text;
        var hellos = new SiteMessages.Hellos([.. Enumerable.Range(0, Greeter.MostAtOnce).Select(i => Hello(i, "training") with
        {
            Client = new ClientId($"{longest[..58]}-{i:0000}"),
            Status = new SiteStatus("training", $"{longest}/10000", 1, 2, 0.5, 3, problem.Length > 300 ? problem : new string('x', 300), $"{longest}/9999"),
            Machine = Guid.NewGuid().ToString("N"),
            Packages = longest,
        })], []);

        Assert.InRange(Sys.Serialization.FindSerializerFor(hellos).ToBinary(hellos).Length, 1, LinkLimits.FrameBytes * 9 / 10);
    }

    [Fact]
    public void A_model_stays_while_one_of_them_needs_it_and_what_nobody_needs_goes()
    {
        var store = new WeightStore(Path.Combine(_folder.Path, "weights"), copies: true);
        var (left, first, second) = (Put(store, 1), Put(store, 2), Put(store, 3));
        var shared = new SharedWeights(store);
        var (a, b) = (shared.Share(), shared.Share());

        a.NeedOnly(first);
        // What an earlier process left, of whatever round.
        Assert.Equal([first], store.List());
        b.NeedOnly(first);
        var update = new WeightFile(_folder.Write("update", "update of a"), Digest.Of(System.Security.Cryptography.SHA256.HashData("update of a"u8)));
        a.Take(update);
        b.NeedOnly(first);
        Assert.Equivalent(new[] { first, update.Digest }, store.List(), strict: true);

        Put(store, 3);
        a.NeedOnly(second);
        Assert.Equivalent(new[] { first, second }, store.List(), strict: true);
        b.NeedOnly(second);
        a.NeedOnly(null);
        Assert.Equal([second], store.List());
        b.NeedOnly(null);
        Assert.Empty(store.List());
        Assert.NotEqual(left, first);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _folder.Dispose();
    }

    private SiteMessages.Hello Hello(int site, string activity) => new(
        new ClientId($"site-{site}"), Sys.ActorOf(Props.Empty, null), new SiteStatus(activity, "", 0, 0, double.NaN, 0, ""), 1);

    private Digest Put(WeightStore store, byte content)
    {
        string file = _folder.Write($"model-{content}", $"{content}");
        var digest = Digest.Of(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)));
        store.Import(new WeightFile(file, digest));
        return digest;
    }
}
