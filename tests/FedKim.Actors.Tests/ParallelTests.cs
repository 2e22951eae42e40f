using FedKim.Actors.Journals;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>Federations that share neither a hospital nor an injector run at once, and end as alone; those that share one, one after another.</summary>
public sealed class ParallelTests
{
    private static readonly string[] First = ["hospital-a", "hospital-b"], Second = ["hospital-c", "hospital-d"];
    private static readonly Lazy<Task<string[]>> Models = new(async () => [await Alone(Named("first", "", First)), await Alone(Named("second", "", Second))]);

    [Fact]
    public async Task Two_that_share_nothing_run_at_once_and_end_with_the_models_of_running_alone()
    {
        string[] alone = await Models.Value;
        var gate = new Gate();
        await using var federation = await Start(gate);

        object first = await federation.Submit(Named("first", "injector", First));
        object second = await federation.Submit(Named("second", "injector-2", Second));
        // Each waits for a site of its own in the first of its two rounds.
        await Open(federation, "first", 1, accepted: 1);
        await Open(federation, "second", 1, accepted: 1);
        var queue = await federation.Ask<FederationQueries.Federations>(new FederationQueries.GetQueue());
        var which = await federation.Ask<FederationQueries.NotFound>(new FederationQueries.GetFederation());
        var clients = await federation.Ask<FederationQueries.Clients>(new FederationQueries.GetClients());
        gate.Open();
        var ends = new[] { await Ends(federation, "first"), await Ends(federation, "second") };

        Assert.All([first, second], answer => Assert.Equal(0, Assert.IsType<FederationView>(answer).Place));
        Assert.Equal(["first Running round 1 waits for hospital-b", "second Running round 1 waits for hospital-d"], queue.Items.Select(i => $"{i.Federation} {i.Phase} {i.Waiting}"));
        Assert.Contains("first, second run", which.Message);
        Assert.Equal(["accepted", "awaited", "accepted", "awaited"], clients.Items.Select(c => c.Standing));
        Assert.Equal(alone, ends.Select(e => $"{e.GlobalModel} {e.Adapter}"));
        var (stop, journal) = (TestContext.Current.CancellationToken, federation.Journal.Journal);
        Assert.Empty(await JournalCheck.RunAsync(journal, stop));
        var rows = await JournalSchema.WithDatabase(journal, database => JournalRow.Of(database, JournalRow.Federation, stop), stop);
        var mark = rows.Select(r => r.Read().Event).OfType<IFederationEvent>().Aggregate(JournalMark.Start, (m, e) => m.After(e));
        Assert.Equal(new JournalMark(1, "second", 2), mark);
        Assert.Equal(mark, await JournalHead.ReadAsync(journal, stop));
    }

    [Fact]
    public async Task A_server_that_dies_while_two_run_goes_on_with_both_and_neither_trains_again()
    {
        string[] alone = await Models.Value;
        var gate = new Gate();
        await using var federation = await Start(gate);
        await federation.Submit(Named("first", "injector", First));
        await federation.Submit(Named("second", "injector-2", Second));
        await federation.Submit(Named("third", "injector", [.. First, .. Second]));
        await Open(federation, "first", 1, accepted: 1);
        await Open(federation, "second", 1, accepted: 1);

        await federation.Crash("server");
        await federation.StartServer();
        gate.Open();
        var ends = new[] { await Ends(federation, "first"), await Ends(federation, "second") };
        await Ends(federation, "third");

        Assert.Equal(alone, ends.Select(e => $"{e.GlobalModel} {e.Adapter}"));
        Assert.All(ends, e => Assert.True(e.Epoch > 1));
        foreach (string site in First.Concat(Second))
            Assert.All(Hospital.WorkRecord.Read(Path.Combine(federation.FolderOf(site), "rounds")), work => Assert.Equal(1, work.Trained));
    }

    [Theory]
    [InlineData("injector-2", "hospital-a", "hospital-c")]
    [InlineData("injector", "hospital-c", "hospital-d")]
    [InlineData("", "hospital-c", "hospital-d")]
    public async Task Two_that_share_a_hospital_or_an_injector_run_one_after_another(string injector, params string[] sites)
    {
        var gate = new Gate();
        await using var federation = await Start(gate);
        await federation.Submit(Named("first", "injector", First));
        var second = Assert.IsType<FederationView>(await federation.Submit(Named("second", injector, sites)));
        await Open(federation, "first", 1, accepted: 1);
        var waits = await federation.Ask<FederationView>(new FederationQueries.GetFederation("second"));
        gate.Open();
        await Ends(federation, "second");

        Assert.All([second, waits], view => Assert.Equal(("Queued", "behind first"), (view.Phase, view.Waiting)));
        Assert.Equal("Completed", (await federation.Ask<FederationView>(new FederationQueries.GetFederation("first"))).Phase);
    }

    [Fact]
    public async Task A_stop_needs_a_name_where_two_run_and_ends_no_other_and_what_waited_for_it_begins()
    {
        var gate = new Gate();
        await using var federation = await Start(gate);
        await federation.Submit(Named("first", "injector", First));
        await federation.Submit(Named("second", "injector-2", Second));
        await federation.Submit(Named("third", "injector", "hospital-a"));
        await Open(federation, "first", 1, accepted: 1);
        await Open(federation, "second", 1, accepted: 1);

        var which = await federation.Ask<OperatorMessages.Refused>(new OperatorMessages.Stop("no more"));
        var stopped = await federation.Ask<FederationView>(new OperatorMessages.Stop("no more", "first"));
        var drained = await federation.Ask<FederationView>(new OperatorMessages.Drain(new ClientId("hospital-c")));
        await Ends(federation, "third");
        var round = await federation.Ask<RoundView>(new FederationQueries.GetRound(1, "first"));
        var second = await federation.Ask<FederationView>(new FederationQueries.GetFederation());
        gate.Open();

        Assert.Contains("first, second run", which.Reason);
        Assert.Equal(("first", "Stopped"), (stopped.Federation, stopped.Phase));
        Assert.Equal(("second", 1), (drained.Federation, drained.InvitedCount));
        Assert.Equal(("Failed", "no more"), (round.Phase, round.Cause));
        Assert.Equal(("second", "Running"), (second.Federation, second.Phase));
    }

    [Fact]
    public async Task A_round_that_failed_is_tried_again_while_another_federation_runs()
    {
        var gate = new Gate();
        await using var federation = await Start(gate);
        await federation.Submit(Named("first", "injector", First) with { Deadline = TimeSpan.FromSeconds(2), Retries = 9 });
        await federation.Submit(Named("second", "injector-2", Second));
        await federation.Await(new FederationQueries.GetFederation("first"), (FederationView v) => v.Waiting.Contains("tries round 1 again", StringComparison.Ordinal));
        await Open(federation, "second", 1, accepted: 1);
        gate.Open();

        await Ends(federation, "first");
        await Ends(federation, "second");
    }

    [Fact]
    public async Task A_site_of_one_that_failed_is_excluded_while_another_runs_and_is_asked_no_more_when_that_is_resumed()
    {
        var gate = new Gate();
        await using var federation = await Start(gate);
        await federation.Submit(Named("first", "injector", First) with { Deadline = TimeSpan.FromSeconds(2) });
        await federation.Submit(Named("second", "injector-2", Second));
        await federation.Await(new FederationQueries.GetFederation("first"), (FederationView v) => v.Phase == "Failed");
        await Open(federation, "second", 1, accepted: 1);

        var excluded = await federation.Ask<FederationView>(new OperatorMessages.Exclude(new ClientId("hospital-b"), "first"));
        await federation.Ask<FederationView>(new OperatorMessages.Resume(new FederationId("first")));
        await federation.Await(new FederationQueries.GetRound(1, "first"), (RoundView r) => r.Dropped is [{ Client: "hospital-b", Reason: "excluded by an operator" }]);
        gate.Open();
        await Ends(federation, "second");

        Assert.Equal(("first", 1), (excluded.Federation, excluded.InvitedCount));
    }

    private static async Task<TestFederation> Start(Gate gate)
    {
        var federation = new TestFederation { Parallel = 2 };
        federation.Training["hospital-b"] = new Counted(gate);
        federation.Training["hospital-d"] = new Counted(gate);
        await federation.StartServer();
        federation.StartInjector();
        federation.StartInjector("injector-2");
        foreach (string site in First.Concat(Second))
            federation.StartHospital(site);
        return federation;
    }

    private static async Task<string> Alone(FederationPlan plan)
    {
        await using var federation = await TestFederation.Start([.. plan.Clients.Select(c => c.Value)]);
        await federation.Submit(plan);
        var end = await Ends(federation, plan.Id.Value);
        return $"{end.GlobalModel} {end.Adapter}";
    }

    private static FederationPlan Named(string name, string injector, params string[] sites) =>
        TestFederation.Plan(rounds: 2, quorum: sites.Length, sites) with { Id = new FederationId(name), Injector = injector };

    private static Task<object> Open(TestFederation federation, string name, int round, int accepted) => federation.Await<object>(
        new FederationQueries.GetRound(round, name), r => r is RoundView { Phase: "Training" } view && view.AcceptedCount == accepted);

    private static Task<FederationView> Ends(TestFederation federation, string name) =>
        federation.Await(new FederationQueries.GetFederation(name), (FederationView v) => v.Phase == "Completed");
}
