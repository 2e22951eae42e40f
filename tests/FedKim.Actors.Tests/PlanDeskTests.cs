using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using FedKim.Actors.Hospital;
using FedKim.Actors.Hospital.Plans;
using FedKim.Actors.Links;
using FedKim.Audit;
using FedKim.Learning.Rehearsal;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Tests;

/// <summary>A person's word is about the plan that was shown, whatever a server sends meanwhile, and what is refused leaves no more.</summary>
public sealed class PlanDeskTests() : PatientKit(ConfigurationFactory.ParseString(Fragments.Text("dispatchers.conf")))
{
    private static readonly Digest Model = Digest.Of([.. Enumerable.Repeat((byte)1, 32)]);

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-").FullName;
    private readonly List<AuditEntry> _noted = [];

    private string Rounds => Path.Combine(_folder, "rounds");

    [Fact]
    public void A_name_takes_no_word_and_the_digest_that_was_shown_means_what_was_shown_though_another_plan_of_that_name_came()
    {
        var desk = Desk(AcceptedPlans.Ask);
        desk.Judge(Order("demo", "fedavg"));
        var shown = Assert.IsType<PlanView>(desk.Named("demo"));
        desk.Judge(Order("demo", "fedprox"));

        var byName = Assert.IsType<PlanMessages.Unsaid>(desk.Take(new PlanMessages.Say("demo", PlanWord.Approved, "")));
        var byDigest = Assert.IsType<PlanView>(desk.Take(new PlanMessages.Say(shown.Digest, PlanWord.Approved, "")));

        Assert.Contains("of which 2 plans were asked for", byName.Why);
        Assert.Equal(("fedavg", PlanVerdict.Train), (byDigest.Strategy, byDigest.Verdict));
        Assert.Equal(PlanVerdict.Wait, desk.Judge(Order("demo", "fedprox")));
        Assert.Equal("fedprox", Assert.IsType<PlanView>(desk.Named("demo")).Strategy);
    }

    [Fact]
    public void A_federation_that_is_named_as_a_digest_begins_takes_no_word_from_it()
    {
        var desk = Desk(AcceptedPlans.Ask);
        desk.Judge(Order("demo", "fedavg"));
        var shown = Assert.IsType<PlanView>(desk.Named("demo"));
        desk.Judge(Order(shown.Digest[..12], "fedprox"));
        desk.Judge(Order(shown.Digest, "fedprox"));

        var said = Assert.IsType<PlanView>(desk.Take(new PlanMessages.Say(shown.Digest[..12], PlanWord.Approved, "")));

        Assert.Equal(("demo", "demo"), (said.Federation, Assert.IsType<PlanView>(desk.Named(shown.Digest)).Federation));
        Assert.IsType<PlanMessages.Unsaid>(desk.Named(new string('0', 64)));
    }

    [Theory]
    [InlineData(AcceptedPlans.Certified, PlanVerdict.Train)]
    [InlineData(AcceptedPlans.Ask, PlanVerdict.Wait)]
    [InlineData(AcceptedPlans.Listed, PlanVerdict.Refuse)]
    public void A_list_that_cannot_be_written_changes_nothing_that_was_decided(AcceptedPlans plans, PlanVerdict verdict)
    {
        Directory.CreateDirectory($"{Rounds}.plans");
        Assert.Equal(verdict, Desk(plans).Judge(Order("demo", "fedavg")));
    }

    [Fact]
    public void A_flood_of_new_plans_waits_and_one_that_was_seen_does_not()
    {
        var desk = Desk(AcceptedPlans.Certified);
        var verdicts = Enumerable.Range(0, 15).Select(i => desk.Judge(Order($"demo-{i}", "fedavg"))).ToArray();

        Assert.Equal([.. Enumerable.Repeat(PlanVerdict.Train, 10), .. Enumerable.Repeat(PlanVerdict.Wait, 5)], verdicts);
        Assert.Equal(PlanVerdict.Train, desk.Judge(Order("demo-3", "fedavg")));
        Assert.Equal(10, Assert.IsType<PlanMessages.Plans>(desk.All()).Items.Length);
    }

    [Fact]
    public void What_is_approved_and_not_listed_is_answered_as_it_is()
    {
        var desk = Desk(AcceptedPlans.Listed, "other");
        desk.Judge(Order("demo", "fedavg"));
        var shown = Assert.IsType<PlanView>(desk.Named("demo"));

        var said = Assert.IsType<PlanView>(desk.Take(new PlanMessages.Say(shown.Digest, PlanWord.Approved, "")));

        Assert.Equal((PlanVerdict.Refuse, PlanWord.Approved), (said.Verdict, said.Word));
    }

    [Fact]
    public void Who_asks_is_the_server_that_the_link_knows_and_without_a_link_an_address()
    {
        var desk = Desk(AcceptedPlans.Ask);
        desk.Judge(Order("first", "fedavg"));
        desk.Met(new ServerMet("server-1", "fedkim.example:9101"));
        desk.Judge(Order("second", "fedavg"));

        Assert.Equal("http://127.0.0.1:1/", Assert.IsType<PlanView>(desk.Named("first")).AskedBy);
        Assert.Equal("server-1 at fedkim.example:9101", Assert.IsType<PlanView>(desk.Named("second")).AskedBy);
    }

    [Theory]
    [InlineData("https://server:9101/", true)]
    [InlineData("http://127.0.0.1:9101", true)]
    [InlineData("", false)]
    [InlineData("server", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("https://server:9101/\nNov 29 sshd: forged", false)]
    public void An_order_names_an_address_or_is_none(string weights, bool isAddress) => Assert.Equal(isAddress, PlanDesk.IsAddress(weights));

    [Fact]
    public async Task What_is_refused_while_it_is_sent_is_gone_and_is_given_to_no_server_that_lacks_it()
    {
        var (store, outlet) = (new WeightStore(Path.Combine(_folder, "weights"), true), new Outlet());
        Sys.EventStream.Subscribe(TestActor, typeof(AuditEntry));
        var site = Sys.ActorOf(HospitalRole.Work(
            new ClientId("hospital-a"), () => new RehearsalTraining(), store, WeightRoute.Plain, Rounds, TestActor, CancellationToken.None, null, outlet));
        var order = Order("demo", "fedavg") with { Learning = new RehearsalPlan(1).ToJson(), GlobalModel = Import(store) };
        site.Tell(order);
        await FishForMessageAsync(m => m is SiteMessages.Hello { Status.Activity: "sending" }, TimeSpan.FromSeconds(20));
        var update = store.List().Single(d => d != order.GlobalModel);
        Assert.True(outlet.IsOpen);

        site.Tell(new PlanMessages.Say(SitePlan.Of(order).Digest(), PlanWord.Refused, ""), TestActor);
        await FishForMessageAsync(m => m is SiteMessages.CannotContribute);
        site.Tell(order);
        site.Tell(order);
        await FishForMessageAsync(m => m is SiteMessages.CannotContribute);
        await FishForMessageAsync(m => m is SiteMessages.CannotContribute);
        site.Tell(new GetActivity(), TestActor);
        var activity = (Activity)await FishForMessageAsync(m => m is Activity);

        Assert.Equal((SiteSentences.RefusesPlan.Say().Text, "demo/1"), (activity.Problem, activity.Work));
        Assert.False(outlet.IsOpen);
        Assert.Empty(store.List());
        Assert.False(Directory.Exists(Path.Combine(Rounds, "demo-1")));
        Assert.False(store.Has(update));
    }

    [Fact]
    public async Task A_refusal_is_noted_once_and_said_as_often_as_it_is_asked()
    {
        var noted = CreateTestProbe();
        Sys.EventStream.Subscribe(noted, typeof(AuditEntry));
        var site = Sys.ActorOf(HospitalRole.Work(
            new ClientId("hospital-a"), () => new RehearsalTraining(), new WeightStore(Path.Combine(_folder, "weights"), true), WeightRoute.Plain, Rounds, TestActor,
            CancellationToken.None, new PlanAcceptance(AcceptedPlans.Listed, ["other"])));

        for (int i = 0; i < 3; i++)
        {
            site.Tell(Order("demo", "fedavg"));
            await FishForMessageAsync(m => m is SiteMessages.CannotContribute);
        }
        site.Tell(Order("demo", "fedprox"));
        await FishForMessageAsync(m => m is SiteMessages.CannotContribute);

        var kinds = new List<AuditKind>();
        for (int i = 0; i < 4; i++)
            kinds.Add((await noted.ExpectMsgAsync<AuditEntry>()).Kind);
        Assert.Equal([AuditKind.Asked, AuditKind.Refused, AuditKind.Asked, AuditKind.Refused], kinds);
        await noted.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task While_a_word_is_awaited_nothing_is_given()
    {
        var (store, outlet) = (new WeightStore(Path.Combine(_folder, "weights"), true), new Outlet());
        var model = Import(store);
        int asked = 0;
        Func<HttpMessageHandler> counts = () => throw new UnauthorizedAccessException($"asked {++asked} times");
        var keeper = Sys.ActorOf(Props.Create(() => new WeightKeeper("hospital-a", store, null, new WeightRoute(counts), TestActor, outlet)));
        outlet.Set(false);
        keeper.Tell(new WeightMessages.UpdateWanted(new RoundId(new FederationId("demo"), 1), model, "http://127.0.0.1:1"));
        keeper.Tell(new WeightMessages.Wanted(model, "http://127.0.0.1:1"));
        // Answered after both were read.
        await keeper.Ask<ActorIdentity>(new Identify(1), TimeSpan.FromSeconds(20));
        Assert.Equal(0, asked);

        outlet.Set(true);
        await AwaitAssertAsync(() =>
        {
            keeper.Tell(new WeightMessages.UpdateWanted(new RoundId(new FederationId("demo"), 1), model, "http://127.0.0.1:1"));
            Assert.True(asked > 0);
        });
    }

    [Fact]
    public void A_process_that_begins_gives_only_what_the_words_before_it_let_out()
    {
        var ask = Desk(AcceptedPlans.Ask);
        Assert.False(ask.TrainsFor("demo"));
        ask.Judge(Order("demo", "fedavg"));
        Assert.False(ask.TrainsFor("demo"));
        ask.Take(new PlanMessages.Say(SitePlan.Of(Order("demo", "fedavg")).Digest(), PlanWord.Approved, ""));

        Assert.True(Desk(AcceptedPlans.Ask).TrainsFor("demo"));
        Assert.False(Desk(AcceptedPlans.Listed, "other").TrainsFor("demo"));
        Assert.True(Desk(AcceptedPlans.Certified).TrainsFor(null));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Directory.Delete(_folder, recursive: true);
    }

    private PlanDesk Desk(AcceptedPlans accept, params ImmutableArray<string> listed) =>
        new(new PlanAcceptance(accept, listed), Rounds, TimeProvider.System, Sys.Log, _noted.Add);

    private Digest Import(WeightStore store)
    {
        using var injection = new RehearsalInjection();
        string work = Directory.CreateDirectory(Path.Combine(_folder, "model")).FullName;
        var file = injection.Initialize(new FederationId("demo"), 1, new RehearsalPlan(1).ToJson(), work).GlobalModel;
        store.Import(file);
        return file.Digest;
    }

    private static SiteMessages.Train Order(string federation, string strategy) => new(
        new RoundId(new FederationId(federation), 1), 1, strategy, "{}", Model, "http://127.0.0.1:1", 1);
}
