using FedKim.Chaos.Running;
using FedKim.Protocol.Messages;

namespace FedKim.Actors.Tests;

/// <summary>What a federation owes to its journal, whatever database that is kept in.</summary>
public abstract class FederationSpec
{
    /// <summary>A new, empty database.</summary>
    /// <param name="own">Whether the test loses it.</param>
    protected abstract Task<TestJournal> Make(bool own = false);

    [Fact]
    public async Task A_federation_of_three_sites_commits_its_rounds_and_stores_every_event_as_protobuf()
    {
        await using var federation = await TestFederation.Start(Undisturbed.Sites, journal: await Make());

        await federation.Submit(Undisturbed.Plan);
        var end = await federation.AwaitEnd();

        Assert.Equal("Completed", end.Phase);
        var round = await federation.Ask<RoundView>(new FederationQueries.GetRound(2));
        Assert.Equal("Committed", round.Phase);
        Assert.Equal(Undisturbed.Sites, round.Accepted.Select(a => a.Client));
        Assert.Equal(end.GlobalModel, round.GlobalModel);
        Assert.True(federation.Journal.Number("SELECT COUNT(*) FROM journal WHERE identifier = 120") > 20);
        Assert.Equal(0, federation.Journal.Number("SELECT COUNT(*) FROM journal WHERE identifier <> 120"));
    }

    [Fact]
    public async Task A_server_that_dies_in_training_goes_on_without_asking_again_those_who_answered()
    {
        var gate = new Gate();
        var (first, last) = (new Counted(), new Counted(gate));
        await using var federation = await TestFederation.Start([], f => (f.Training["hospital-a"], f.Training["hospital-c"]) = (first, last), await Make());
        foreach (string site in Undisturbed.Sites)
            federation.StartHospital(site);
        await federation.Submit(Undisturbed.Plan);
        await federation.Accepted(round: 1, count: 2);
        await federation.Crash("server");
        await federation.StartServer();
        var before = await federation.Accepted(round: 1, count: 2);
        gate.Open();
        var end = await federation.AwaitEnd();

        Assert.Equal("Training", before.Phase);
        Assert.Equal("Completed", end.Phase);
        var expected = await Undisturbed.End;
        Assert.Equal((expected.GlobalModel, expected.Adapter), (end.GlobalModel, end.Adapter));
        Assert.Equal(2, first.Calls);
    }

    [Fact]
    public async Task When_the_database_is_lost_rounds_stand_still_and_go_on_when_it_is_back()
    {
        var gate = new Gate();
        var (first, last) = (new Counted(), new Counted(gate));
        await using var federation = await TestFederation.Start([], f => (f.Training["hospital-a"], f.Training["hospital-c"]) = (first, last), await Make(own: true));
        foreach (string site in Undisturbed.Sites)
            federation.StartHospital(site);
        await federation.Submit(Undisturbed.Plan);
        await federation.Accepted(round: 1, count: 2);
        await federation.Journal.Lose();
        gate.Open();
        // The update arrives and cannot be accepted.
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        await federation.Journal.Return();
        var end = await federation.AwaitEnd();

        Assert.Equal("Completed", end.Phase);
        var expected = await Undisturbed.End;
        Assert.Equal((expected.GlobalModel, expected.Adapter), (end.GlobalModel, end.Adapter));
        Assert.Equal((2, 2), (first.Calls, last.Calls));
    }
}

public sealed class SqliteFederationTests : FederationSpec
{
    protected override Task<TestJournal> Make(bool own) => Task.FromResult<TestJournal>(SqliteTestJournal.Make());
}

public sealed class PostgresFederationTests(PostgresServer server) : FederationSpec
{
    protected override Task<TestJournal> Make(bool own) => PostgresTestJournal.Make(server, own);
}
