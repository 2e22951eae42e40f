using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>Federations that are submitted while one runs wait for its end, whatever that is, and whoever leads by then.</summary>
public sealed class QueueTests
{
    private static readonly string[] Sites = ["hospital-a", "hospital-b", "hospital-c"];

    [Fact]
    public async Task Two_federations_submitted_at_once_run_one_after_another()
    {
        await using var federation = await TestFederation.Start(Sites);

        object first = await federation.Submit(Named("first"));
        object second = await federation.Submit(Named("second"));
        object again = await federation.Submit(Named("second"));
        object other = await federation.Submit(Named("second") with { Rounds = 7 });
        await Ends(federation, "first", "Completed");
        await Ends(federation, "second", "Completed");

        Assert.Equal(0, Assert.IsType<FederationView>(first).Place);
        Assert.Equal(("Queued", 1, "behind first"), Place(Assert.IsType<FederationView>(second)));
        Assert.Equal(("Queued", 1, "behind first"), Place(Assert.IsType<FederationView>(again)));
        Assert.Contains("another plan", Assert.IsType<OperatorMessages.Refused>(other).Reason);
        Assert.Equal(["first Completed", "second Completed"], await All(federation));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_died_between_an_end_and_the_next_beginning_begins_it_when_it_is_back(bool stopped)
    {
        await using var federation = await TestFederation.Start(Sites);
        if (stopped)
        {
            // Nobody can make its first model: it waits until it is stopped.
            await federation.Crash("injector");
            await federation.Submit(Named("first"));
            await federation.Submit(Named("second"));
            await federation.Ask<FederationView>(new OperatorMessages.Stop("no more", "first"));
        }
        else
        {
            await federation.Submit(Named("first"));
            await federation.Submit(Named("second"));
        }

        await federation.Await(v => v.Federation == "second");
        await federation.Crash("server");
        Forget(federation.Journal, "f.submit");
        await federation.StartServer();
        if (stopped)
            federation.StartInjector();

        await Ends(federation, "second", "Completed");
        Assert.Equal(stopped ? "Stopped" : "Completed", (await federation.Ask<FederationView>(new FederationQueries.GetFederation("first"))).Phase);
    }

    [Fact]
    public async Task A_round_that_waited_to_be_opened_and_could_not_be_written_holds_nobody_up_once_its_federation_was_stopped()
    {
        await using var federation = await TestFederation.Start(Sites);
        await federation.Submit(Named("first") with { Clients = [], Anyone = new OpenInvitation(9, 9) });
        await federation.Submit(Named("second"));
        await federation.Await(v => v.Waiting.Contains("of at least 9 are here", StringComparison.Ordinal));
        federation.Journal.Execute("CREATE TRIGGER closed BEFORE INSERT ON journal WHEN NEW.manifest = 'r.open' BEGIN SELECT RAISE(ABORT, 'closed'); END");
        await federation.Ask<FederationView>(new OperatorMessages.Stop("no more", "first"));
        // Its end cannot be written, and its coordinator goes.
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        federation.Journal.Execute("DROP TRIGGER closed");

        await Ends(federation, "second", "Completed");
        Assert.Equal("Failed", (await federation.Ask<RoundView>(new FederationQueries.GetRound(1, "first"))).Phase);
    }

    [Fact]
    public async Task A_round_of_a_federation_that_was_stopped_has_ended_before_the_next_begins()
    {
        var gate = new Gate();
        await using var federation = await TestFederation.Start([], f => f.Training["hospital-c"] = new Counted(gate));
        foreach (string site in Sites)
            federation.StartHospital(site);
        await federation.Submit(Named("first"));
        await federation.Submit(Named("second"));
        await federation.Accepted(round: 1, count: 2);

        await federation.Ask<FederationView>(new OperatorMessages.Stop("no more"));
        await federation.Await(v => v.Federation == "second");
        var round = await federation.Ask<RoundView>(new FederationQueries.GetRound(1, "first"));
        gate.Open();
        await Ends(federation, "second", "Completed");

        Assert.Equal(("Failed", "no more"), (round.Phase, round.Cause));
    }

    [Fact]
    public async Task The_queue_says_what_the_one_that_runs_waits_for_and_since_when_and_one_may_leave_it()
    {
        await using var federation = await TestFederation.Start(Sites);
        await federation.Crash("injector");
        await federation.Submit(Named("first"));
        await federation.Submit(Named("second"));
        await federation.Submit(Named("third"));

        var queue = await federation.Await<FederationQueries.Federations>(new FederationQueries.GetQueue(), q => q.Items[0].Waiting.Contains("injector's node"));
        var cancelled = await federation.Ask<FederationView>(new OperatorMessages.Cancel(new FederationId("second"), "not now"));
        var again = await federation.Ask<FederationView>(new OperatorMessages.Cancel(new FederationId("second"), "not now"));
        var left = await federation.Ask<FederationQueries.Federations>(new FederationQueries.GetQueue());
        var running = await federation.Ask<OperatorMessages.Refused>(new OperatorMessages.Cancel(new FederationId("first"), "not now"));
        await federation.Ask<FederationView>(new OperatorMessages.Stop("nobody comes", "first"));
        var twice = await federation.Ask<FederationView>(new OperatorMessages.Stop("nobody comes", "first"));
        federation.StartInjector();
        await Ends(federation, "third", "Completed");

        Assert.Equal(["first Initializing", "second Queued", "third Queued"], queue.Items.Select(i => $"{i.Federation} {i.Phase}"));
        Assert.Equal(["waits for the injector's node, which is not here", "behind first", "behind second"], queue.Items.Select(i => i.Waiting));
        Assert.All(queue.Items, i => Assert.InRange(DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeMilliseconds(i.Since), TimeSpan.Zero, TimeSpan.FromMinutes(5)));
        Assert.Equal(("Stopped", "not now", "Stopped"), (cancelled.Phase, cancelled.Cause, again.Phase));
        Assert.Equal(["first", "third"], left.Items.Select(i => i.Federation));
        Assert.Contains("runs already", running.Reason);
        Assert.Equal(("first", "Stopped"), (twice.Federation, twice.Phase));
        Assert.Equal(["second Stopped", "first Stopped", "third Completed"], await All(federation));
    }

    [Fact]
    public async Task One_that_was_to_start_from_a_federation_that_was_stopped_fails_with_that_cause_and_wedges_nothing()
    {
        await using var federation = await TestFederation.Start(Sites);
        await federation.Crash("injector");
        await federation.Submit(Named("first"));
        await federation.Submit(Named("second") with { StartFrom = "first" });
        await federation.Submit(Named("third"));
        await federation.Ask<FederationView>(new OperatorMessages.Stop("no more", "first"));
        federation.StartInjector();

        await Ends(federation, "third", "Completed");

        var second = await federation.Ask<FederationView>(new FederationQueries.GetFederation("second"));
        Assert.Equal("Failed", second.Phase);
        Assert.Contains("start-from is first, whose finished model was awaited", second.Cause);
    }

    private static FederationPlan Named(string name) => TestFederation.Plan(rounds: 1, quorum: 3, Sites) with { Id = new FederationId(name) };

    private static (string, int, string) Place(FederationView view) => (view.Phase, view.Place, view.Waiting);

    private static Task<FederationView> Ends(TestFederation federation, string name, string phase) =>
        federation.Await(new FederationQueries.GetFederation(name), (FederationView v) => v.Phase == phase);

    private static async Task<string[]> All(TestFederation federation) =>
        [.. (await federation.Ask<FederationQueries.Federations>(new FederationQueries.GetFederations())).Items.Select(f => $"{f.Federation} {f.Phase}")];

    // As after a crash before the last event of this kind, and all after it, were stored.
    private static void Forget(TestJournal journal, string kind) => Assert.True(journal.Execute(
        $"DELETE FROM journal WHERE persistence_id = 'federation' AND sequence_number >= (SELECT MAX(sequence_number) FROM journal WHERE manifest = '{kind}')") > 0);
}
