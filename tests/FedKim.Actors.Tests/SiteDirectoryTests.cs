using Akka.Actor;
using FedKim.Actors.Server;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

public sealed class SiteDirectoryTests : PatientKit
{
    private static readonly ClientId Site = new("hospital-a");
    private static readonly RoundId Round = new(new FederationId("demo"), 1);

    private readonly IActorRef _directory;

    public SiteDirectoryTests()
    {
        _directory = Sys.ActorOf(Props.Create(() => new SiteDirectory(TimeProvider.System, "")));
        _directory.Tell(new SiteDirectory.Lead(2));
    }

    [Fact]
    public async Task A_directory_that_has_just_started_tells_nobody_to_drop_work()
    {
        HelloFromSite(Round);
        HelloFromInjector("demo-1");
        await AwaitSilence();
    }

    [Fact]
    public async Task A_site_that_missed_the_end_of_a_round_is_told_again()
    {
        _directory.Tell(new SiteDirectory.Announce(Round, Roster.Of([Site]), "failed", true));
        HelloFromSite(Round);
        await ExpectMsgAsync(new SiteMessages.RoundEnded(Round, 2, "failed", true));
    }

    [Fact]
    public async Task Whom_a_round_does_not_concern_hears_that_it_is_over_and_not_how()
    {
        _directory.Tell(new SiteDirectory.Announce(Round, Roster.Empty, "failed: hospital-b has no data", false));
        _directory.Tell(new SiteDirectory.Uninvited(
            Hello(TestActor, "first") with { Status = new SiteStatus("idle", Round.ToString(), 0, 0, double.NaN, 0, "") }, Round.Federation, "its plan does not name this site",
            MustEnd: false, MayKnow: false));
        await ExpectMsgAsync(new SiteMessages.RoundEnded(Round, 2, "", false));
    }

    [Fact]
    public async Task A_site_that_works_on_another_round_than_the_open_one_is_told_that_it_is_over()
    {
        _directory.Tell(new SiteDirectory.AskSites(Train(Round with { Number = 2 }), Open()));
        HelloFromSite(Round);
        await ExpectMsgAsync(new SiteMessages.RoundEnded(Round, 2));
    }

    [Fact]
    public async Task A_site_that_comes_late_or_comes_back_is_asked_then()
    {
        _directory.Tell(new SiteDirectory.AskSites(Train(Round), Open(Site)));
        HelloFromSite(null);
        await ExpectMsgAsync(Train(Round));
        HelloFromSite(Round);
        await AwaitSilence();
    }

    [Fact]
    public async Task The_injectors_work_is_withdrawn_once_its_round_is_over()
    {
        var inject = new InjectorMessages.Order(new InjectorMessages.Inject(Round, 1, 1, "{}", default, default), "http://127.0.0.1:1", 2);
        _directory.Tell(new SiteDirectory.AskInjector(Round.Federation, "", inject));
        HelloFromInjector("");
        await ExpectMsgAsync(inject);
        _directory.Tell(new SiteDirectory.Announce(Round, Roster.Of([Site])));
        HelloFromInjector(inject.Work.Name);
        await ExpectMsgAsync(new InjectorMessages.Withdraw(inject.Work.Name, 2));
    }

    [Fact]
    public async Task Two_federations_sites_and_injectors_are_asked_for_their_own_work_and_one_that_is_not_known_to_be_over_is_withdrawn_from_nobody()
    {
        var (other, second, injector) = (new RoundId(new FederationId("other"), 1), CreateTestProbe(), CreateTestProbe());
        var inject = new InjectorMessages.Order(new InjectorMessages.Inject(Round, 1, 1, "{}", default, default), "http://127.0.0.1:1", 2);
        var working = Hello(second, "second") with { Client = new ClientId("hospital-b"), Status = new SiteStatus("training", "other/1", 0, 0, double.NaN, 0, "") };
        _directory.Tell(new SiteDirectory.AskSites(Train(Round), Open(Site)));
        _directory.Tell(new SiteDirectory.AskInjector(Round.Federation, "x", inject));

        // As right after a restart: the round of one is read, and the other's is not.
        _directory.Tell(new SiteDirectory.Invited(working, other.Federation));
        _directory.Tell(new SiteDirectory.InjectorHere(new InjectorMessages.Hello(injector, new InjectorStatus("injecting", "other-1", 0, 0, double.NaN, ""), 2, Site: "y"), other.Federation));
        _directory.Tell(new SiteDirectory.InjectorHere(new InjectorMessages.Hello(TestActor, new InjectorStatus("idle", "", 0, 0, double.NaN, ""), 2, Site: "x"), Round.Federation));
        await ExpectMsgAsync(inject);
        _directory.Tell(new SiteDirectory.AskSites(Train(other), Open(new ClientId("hospital-b"))));
        await second.ExpectMsgAsync(Train(other));
        _directory.Tell(new SiteDirectory.Announce(Round, Roster.Of([Site])));
        _directory.Tell(new SiteDirectory.Invited(working, other.Federation));
        await AwaitSilence("x");
        await second.ExpectNoMsgAsync(TimeSpan.Zero);

        _directory.Tell(new SiteDirectory.AskInjector(other.Federation, "y", null));
        _directory.Tell(new SiteDirectory.InjectorHere(new InjectorMessages.Hello(injector, new InjectorStatus("injecting", "other-1", 0, 0, double.NaN, ""), 2, Site: "y"), other.Federation));
        await injector.ExpectMsgAsync(new InjectorMessages.Withdraw("other-1", 2));
        _directory.Tell(new SiteDirectory.DescribeInjector(MayKnow: true, ""), TestActor);
        Assert.Contains("x, y", (await ExpectMsgAsync<FederationQueries.NotFound>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_injector_that_is_idle_while_its_result_is_waited_for_is_asked_again()
    {
        var inject = new InjectorMessages.Order(new InjectorMessages.Inject(Round, 1, 1, "{}", default, default), "http://127.0.0.1:1", 2);
        _directory.Tell(new SiteDirectory.AskInjector(Round.Federation, "", inject));
        HelloFromInjector("");
        await ExpectMsgAsync(inject);

        HelloFromInjector(inject.Work.Name);

        await ExpectMsgAsync(inject);
    }

    [Theory]
    [InlineData("second")]
    [InlineData("")]
    public async Task A_second_machine_of_a_sites_name_is_refused_while_the_first_is_present_and_both_are_named(string name)
    {
        var second = CreateTestProbe();
        _directory.Tell(new SiteDirectory.AskSites(Train(Round), Open(Site)));
        _directory.Tell(Hello(TestActor, "first"));
        await ExpectMsgAsync(Train(Round));

        _directory.Tell(Hello(second, name));

        var taken = await second.ExpectMsgAsync<SiteMessages.NameTaken>();
        Assert.Equal((Site, TestActor.Path.Address.ToString()), (taken.Client, taken.Node));
        _directory.Tell(new SiteDirectory.Describe(Roster.Of([Site]), null, ""), TestActor);
        var view = Assert.Single((await ExpectMsgAsync<FederationQueries.Clients>()).Items);
        Assert.True(view.Present);
        Assert.NotEmpty(view.Refused);
    }

    [Fact]
    public async Task A_site_that_was_restarted_takes_its_own_place_at_once()
    {
        var again = CreateTestProbe();
        _directory.Tell(new SiteDirectory.AskSites(Train(Round), Open(Site)));
        _directory.Tell(Hello(TestActor, "first"));
        await ExpectMsgAsync(Train(Round));

        _directory.Tell(Hello(again, "first"));

        await again.ExpectMsgAsync(Train(Round));
    }

    [Fact]
    public async Task A_site_with_other_packages_than_the_server_is_named_until_it_has_the_same()
    {
        var directory = Sys.ActorOf(Props.Create(() => new SiteDirectory(TimeProvider.System, "0123456789ab")));
        await EventFilter.Warning(contains: "has loaded other packages").ExpectAsync(2, () =>
        {
            directory.Tell(Hello(TestActor, "first"));
            directory.Tell(Hello(TestActor, "first"));
            directory.Tell(Hello(TestActor, "first") with { Packages = "ba9876543210" });
            return Task.CompletedTask;
        });
        Assert.Equal("packages ba9876543210, the server's 0123456789ab", await Packages());
        directory.Tell(Hello(TestActor, "first") with { Packages = "0123456789ab" });
        Assert.Equal("", await Packages());

        async Task<string> Packages()
        {
            directory.Tell(new SiteDirectory.Describe(Roster.Of([Site]), null, ""), TestActor);
            return Assert.Single((await ExpectMsgAsync<FederationQueries.Clients>()).Items).Packages;
        }
    }

    [Fact]
    public async Task A_sites_clock_that_is_hours_off_is_told_and_one_whose_hello_took_a_while_is_not()
    {
        _directory.Tell(Hello(TestActor, "first", TimeSpan.FromHours(2)));
        Assert.StartsWith("2 h 0 min ahead", await Clock());
        for (int i = 0; i < 10; i++)
            _directory.Tell(Hello(TestActor, "first", i == 5 ? TimeSpan.Zero : TimeSpan.FromSeconds(-20)));
        Assert.Equal("", await Clock());

        async Task<string> Clock()
        {
            _directory.Tell(new SiteDirectory.Describe(Roster.Of([Site]), null, ""), TestActor);
            return Assert.Single((await ExpectMsgAsync<FederationQueries.Clients>()).Items).Clock;
        }
    }

    [Fact]
    public async Task A_site_that_is_on_its_way_after_a_gap_is_waited_for_in_the_round_that_begins_then_too()
    {
        var clock = new SetClock();
        var directory = Sys.ActorOf(Props.Create(() => new SiteDirectory(clock, "")));
        directory.Tell(new SiteDirectory.Lead(1));
        directory.Tell(new SiteDirectory.Listen([Site], Injector: true), TestActor);
        Assert.True((await ExpectMsgAsync<SiteDirectory.Heard>()).Everybody);
        directory.Tell(new SiteMessages.Hello(Site, TestActor, new SiteStatus("idle", "", 0, 0, double.NaN, 0, ""), 1));

        clock.Passes(TimeSpan.FromSeconds(14));

        directory.Tell(new SiteDirectory.Listen([], Injector: true), TestActor);
        Assert.True((await ExpectMsgAsync<SiteDirectory.Heard>()).Everybody);
        directory.Tell(new SiteDirectory.Listen([Site], Injector: false), TestActor);
        Assert.False((await ExpectMsgAsync<SiteDirectory.Heard>()).Everybody);
    }

    [Fact]
    public async Task A_site_that_does_not_take_part_is_told_so_and_listed_and_told_when_it_does()
    {
        var federation = new FederationId("demo");
        var hello = Hello(TestActor, "first");
        _directory.Tell(new SiteDirectory.Uninvited(hello, federation, "its plan does not name this site", MustEnd: false));
        await ExpectMsgAsync(new SiteMessages.NotInvited(Site, federation, "its plan does not name this site"));
        Assert.Equal("uninvited", await Standing(Roster.Empty));

        _directory.Tell(hello);
        await ExpectMsgAsync(new SiteMessages.NotInvited(Site, federation, ""));
        _directory.Tell(hello);
        Assert.Equal("-", await Standing(Roster.Of([Site])));

        async Task<string> Standing(Roster roster)
        {
            _directory.Tell(new SiteDirectory.Describe(roster, null), TestActor);
            return Assert.Single((await ExpectMsgAsync<FederationQueries.Clients>()).Items).Standing;
        }
    }

    [Fact]
    public async Task A_stranger_is_told_once_that_it_does_not_take_part_and_in_what_not_at_all()
    {
        var hello = Hello(TestActor, "first");
        var uninvited = new SiteDirectory.Uninvited(hello, Round.Federation, "its plan does not name this site", MustEnd: false, MayKnow: false);
        _directory.Tell(uninvited);
        _directory.Tell(uninvited);
        _directory.Tell(new SiteDirectory.Announce(Round, Roster.Of([new ClientId("hospital-b")]), "failed", true));
        _directory.Tell(new SiteDirectory.AnnounceFederation(Round.Federation, Roster.Of([new ClientId("hospital-b")]), "is Failed"));
        _directory.Tell(hello);
        await ExpectMsgAsync(new SiteMessages.NotInvited(Site, SiteMessages.Unnamed, "its plan does not name this site"));
        await ExpectMsgAsync(new SiteMessages.NotInvited(Site, SiteMessages.Unnamed, ""));
        await AwaitSilence();
    }

    [Fact]
    public async Task A_site_that_asks_hears_of_itself_and_its_companions_and_of_no_stranger()
    {
        var (companion, stranger) = (new ClientId("hospital-b"), new ClientId("hospital-x"));
        var working = new SiteStatus("training", "other/1", 0, 0, double.NaN, 0, "");
        _directory.Tell(Hello(TestActor, "first"));
        _directory.Tell(Hello(TestActor, "second") with { Client = companion, Status = working });
        _directory.Tell(new SiteDirectory.Uninvited(Hello(TestActor, "third") with { Client = stranger }, Round.Federation, "its plan does not name this site", MustEnd: false));
        await ExpectMsgAsync<SiteMessages.NotInvited>();

        _directory.Tell(new SiteDirectory.Describe(Roster.Of([Site, companion]), null, "", Site, Round.Federation), TestActor);
        var clients = await ExpectMsgAsync<FederationQueries.Clients>();
        Assert.Equal([Site.Value, companion.Value], clients.Items.Select(c => c.Client));
        Assert.Equal("", clients.Items[1].Status.Round);
        _directory.Tell(new SiteDirectory.Describe(Roster.Empty, null, "", stranger), TestActor);
        Assert.Equal([stranger.Value], (await ExpectMsgAsync<FederationQueries.Clients>()).Items.Select(c => c.Client));
        _directory.Tell(new SiteDirectory.Describe(Roster.Of([Site, companion]), null), TestActor);
        Assert.Equal("other/1", (await ExpectMsgAsync<FederationQueries.Clients>()).Items[1].Status.Round);
    }

    [Fact]
    public async Task What_the_injector_works_on_is_told_only_to_whom_it_concerns()
    {
        HelloFromInjector("demo-1");
        _directory.Tell(new SiteDirectory.DescribeInjector(MayKnow: true), TestActor);
        Assert.Equal("demo-1", (await ExpectMsgAsync<InjectorView>()).Status.Work);
        _directory.Tell(new SiteDirectory.DescribeInjector(MayKnow: false), TestActor);
        Assert.Equal("", (await ExpectMsgAsync<InjectorView>()).Status.Work);
    }

    [Fact]
    public async Task The_work_of_an_excluded_site_is_over_for_it()
    {
        var hello = Hello(TestActor, "first") with { Status = new SiteStatus("training", Round.ToString(), 0, 0, double.NaN, 0, "") };
        _directory.Tell(new SiteDirectory.Uninvited(hello, Round.Federation, "an operator has excluded it", MustEnd: true));
        await ExpectMsgAsync<SiteMessages.NotInvited>();
        await ExpectMsgAsync(new SiteMessages.RoundEnded(Round, 2, "is over for this site: an operator has excluded it"));
    }

    [Fact]
    public async Task A_silence_counts_by_the_time_in_which_the_server_could_have_heard()
    {
        var clock = new SetClock();
        var directory = Sys.ActorOf(Props.Create(() => new SiteDirectory(clock, "")));
        directory.Tell(new SiteMessages.Hello(Site, TestActor, new SiteStatus("idle", "", 0, 0, double.NaN, 0, ""), 1));
        Assert.Empty(await Gone(seconds: 9));
        Assert.Equal([Site], await Gone(seconds: 2));
        directory.Tell(new SiteMessages.Hello(Site, TestActor, new SiteStatus("idle", "", 0, 0, double.NaN, 0, ""), 1));
        // The server stood still for an hour, and its sites get a while to come back.
        clock.Passes(TimeSpan.FromHours(1));
        Assert.Empty(await Gone(seconds: 30));
        Assert.Empty(await Gone(seconds: 9));
        Assert.Equal([Site], await Gone(seconds: 3));

        async Task<ClientId[]> Gone(int seconds)
        {
            for (int i = 0; i < seconds; i++)
            {
                clock.Passes(TimeSpan.FromSeconds(1));
                directory.Tell(new SiteDirectory.Listen([Site], Injector: false, TimeSpan.FromSeconds(10)), TestActor);
                await ExpectMsgAsync<SiteDirectory.Heard>();
            }

            directory.Tell(new SiteDirectory.Listen([Site], Injector: false, TimeSpan.FromSeconds(10)), TestActor);
            return [.. (await ExpectMsgAsync<SiteDirectory.Heard>()).Gone];
        }
    }

    private static SiteMessages.Hello Hello(IActorRef site, string machine, TimeSpan ahead = default) => new(
        Site, site, new SiteStatus("idle", "", 0, 0, double.NaN, 0, ""), 2, machine, (TimeProvider.System.GetUtcNow() + ahead + TimeSpan.FromSeconds(1)).UtcTicks);

    private static Round Open(params ClientId[] missing) => new(Round) { Exists = true, Phase = Phase.Training, Invited = [.. missing] };

    private static SiteMessages.Train Train(RoundId round) => new(round, 1, "fedavg", "{}", default, "http://127.0.0.1:1", 2);

    private void HelloFromSite(RoundId? works) => _directory.Tell(new SiteMessages.Hello(
        Site, TestActor, new SiteStatus(works is null ? "idle" : "waiting", works?.ToString() ?? "", 0, 0, double.NaN, 0, ""), 2));

    private void HelloFromInjector(string works) =>
        _directory.Tell(new InjectorMessages.Hello(TestActor, new InjectorStatus("idle", works, 0, 0, double.NaN, ""), 2));

    // An answered question shows that everything before it was handled.
    private async Task AwaitSilence(string? injector = null)
    {
        _directory.Tell(new SiteDirectory.DescribeInjector(MayKnow: true, injector), TestActor);
        await ExpectMsgAsync<InjectorView>();
    }
}
