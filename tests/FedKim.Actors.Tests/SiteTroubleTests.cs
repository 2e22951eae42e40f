using FedKim.Learning;
using FedKim.Learning.Rehearsal;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>What a site cannot do costs it the round at most, and is told by its name.</summary>
public sealed class SiteTroubleTests
{
    private static readonly string[] Sites = ["hospital-a", "hospital-b", "hospital-c"];

    [Fact]
    public async Task A_site_that_cannot_train_is_dropped_by_name_and_the_quorum_decides()
    {
        await using var federation = await TestFederation.Start([], f =>
        {
            f.Training["hospital-b"] = new Broken("xray/labels.csv: line 7: label is 'maybe', expected 0 or 1");
        });
        foreach (string site in Sites)
            federation.StartHospital(site);

        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 2, Sites));
        var end = await federation.AwaitEnd();

        Assert.Equal("Completed", end.Phase);
        var round = await federation.Ask<RoundView>(new FederationQueries.GetRound(1));
        var dropped = Assert.Single(round.Dropped);
        Assert.Equal("hospital-b", dropped.Client);
        Assert.Equal(SiteSentences.Other.Say().Text, dropped.Reason);
    }

    [Fact]
    public async Task A_site_whose_disk_is_full_while_it_trains_says_so_tries_again_and_counts()
    {
        await using var federation = await TestFederation.Start([], f => f.Training["hospital-b"] = new NoRoom(times: 2));
        foreach (string site in Sites)
            federation.StartHospital(site);

        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 2, Sites));
        await federation.Await<FederationQueries.Clients>(new FederationQueries.GetClients(), c => c.Items.Any(i => i.Client == "hospital-b" && i.Status.Problem.Contains("No space left")));
        var end = await federation.AwaitEnd();

        Assert.Equal("Completed", end.Phase);
        var round = await federation.Ask<RoundView>(new FederationQueries.GetRound(1));
        Assert.Equal(Sites, round.Accepted.Select(a => a.Client));
        Assert.Empty(round.Dropped);
    }

    [Fact]
    public async Task Without_a_quorum_the_federation_fails_with_the_sites_reasons()
    {
        await using var federation = await TestFederation.Start([], f => f.Training["hospital-b"] = new Broken("no space left", SiteSentences.NoData.Say()));
        foreach (string site in Sites)
            federation.StartHospital(site);

        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        var end = await federation.AwaitEnd();

        Assert.Equal("Failed", end.Phase);
        Assert.Contains($"hospital-b: {SiteSentences.NoData.Say()}", end.Cause);
        Assert.Contains("the quorum is 3", end.Cause);
    }

    private sealed class Broken(string problem, SiteReason? reason = null) : ILocalTraining
    {
        public LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel) =>
            throw new LearningException(problem, reason: reason);

        public void Dispose()
        {
        }
    }

    /// <summary>Trains once the disk has room, after some attempts.</summary>
    private sealed class NoRoom(int times) : ILocalTraining
    {
        private readonly RehearsalTraining _training = new();
        private int _left = times;

        public LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel) =>
            _left-- > 0 ? throw new IOException($"No space left on device : '{request.WorkFolder}'") : _training.Train(request, progress, cancel);

        public void Dispose() => _training.Dispose();
    }
}
