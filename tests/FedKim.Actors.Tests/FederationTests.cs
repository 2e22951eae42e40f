using System.Runtime.InteropServices;
using FedKim.Learning;
using FedKim.Parameters;
using FedKim.Protocol;

namespace FedKim.Actors.Tests;

public sealed class FederationTests
{
    private static readonly string[] Sites = ["hospital-a", "hospital-b", "hospital-c"];

    [Fact]
    public async Task A_site_that_cannot_train_is_dropped_by_name_and_the_quorum_decides()
    {
        await using var federation = await Start([], f =>
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
        Assert.Contains("labels.csv: line 7", dropped.Reason);
    }

    [Theory]
    [InlineData(float.NaN, 1, "mark")]
    [InlineData(0f, 2, "[2], expected [1]")]
    public async Task An_update_that_is_no_number_or_of_another_shape_is_refused_by_site_and_tensor(float value, int length, string told)
    {
        await using var federation = await Start([], f => f.Training["hospital-b"] = new Spoiled(value, length));
        foreach (string site in Sites)
            federation.StartHospital(site);

        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 2, Sites));
        var end = await federation.AwaitEnd();

        Assert.Equal("Completed", end.Phase);
        var round = await federation.Ask<RoundView>(new FederationQueries.GetRound(1));
        var dropped = Assert.Single(round.Dropped);
        Assert.Equal("hospital-b", dropped.Client);
        Assert.Contains("encoder.rehearsal.mark", dropped.Reason);
        Assert.Contains(told, dropped.Reason);
    }

    [Fact]
    public async Task Without_a_quorum_the_federation_fails_with_the_sites_reasons()
    {
        await using var federation = await Start([], f => f.Training["hospital-b"] = new Broken("no space left"));
        foreach (string site in Sites)
            federation.StartHospital(site);

        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        var end = await federation.AwaitEnd();

        Assert.Equal("Failed", end.Phase);
        Assert.Contains("hospital-b: no space left", end.Cause);
        Assert.Contains("the quorum is 3", end.Cause);
    }

    [Fact]
    public async Task An_injector_that_breaks_is_asked_again_and_the_round_fails_in_the_end_with_its_cause()
    {
        await using var federation = await Start(Sites, f => f.Injection = () => new BrokenInjection());

        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        var end = await federation.AwaitEnd();

        Assert.Equal("Failed", end.Phase);
        Assert.Contains("broke 3 times", end.Cause);
        Assert.Contains("out of memory", end.Cause);
    }

    [Fact]
    public async Task A_second_federation_is_refused_while_one_runs()
    {
        await using var federation = await Start([]);

        await federation.Submit(TestFederation.Plan(1, 1, "hospital-a"));
        var again = await federation.Submit(TestFederation.Plan(1, 1, "hospital-a"));
        var other = TestFederation.Plan(1, 1, "hospital-a") with { Id = new Rounds.FederationId("other") };

        Assert.IsType<FederationView>(again);
        var refused = Assert.IsType<OperatorMessages.Refused>(await federation.Submit(other));
        Assert.Contains("rehearsal is still", refused.Reason);
    }

    [Fact]
    public async Task A_stop_ends_the_open_round_and_its_work_and_another_federation_can_run()
    {
        var gate = new Gate();
        await using var federation = await Start([], f => f.Training["hospital-c"] = new Counted(gate));
        foreach (string site in Sites)
            federation.StartHospital(site);
        await federation.Submit(TestFederation.Plan(rounds: 2, quorum: 3, Sites));
        await Accepted(federation, round: 1, count: 2);

        var stopped = await federation.Ask<FederationView>(new OperatorMessages.Stop("no more"));
        var again = await federation.Ask<FederationView>(new OperatorMessages.Stop("once more"));
        var round = await federation.Await<RoundView>(new FederationQueries.GetRound(1), r => r.Phase == "Failed");
        await federation.Await<FederationQueries.Clients>(new FederationQueries.GetClients(), c => c.Items.All(i => i.Status.Round.Length == 0));
        var next = await federation.Submit(Named("next", Sites));
        gate.Open();
        var end = await federation.AwaitEnd();

        Assert.Equal(("Failed", "no more", "no more"), (stopped.Phase, stopped.Cause, again.Cause));
        Assert.Equal("no more", round.Cause);
        Assert.Equal("Initializing", Assert.IsType<FederationView>(next).Phase);
        Assert.Equal(("next", "Completed"), (end.Federation, end.Phase));
        var list = await federation.Ask<FederationQueries.Federations>(new FederationQueries.GetFederations());
        Assert.Equal([("rehearsal", "Failed"), ("next", "Completed")], list.Items.Select(f => (f.Federation, f.Phase)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_stop_that_the_server_did_not_live_to_carry_out_ends_the_round_when_it_is_back(int firstLost)
    {
        await using var federation = await Start([]);
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 1, "hospital-a"));
        await federation.Await<object>(new FederationQueries.GetRound(1), r => r is RoundView { Phase: "Training" });
        await federation.Ask<FederationView>(new OperatorMessages.Stop("no more"));
        await federation.Await<RoundView>(new FederationQueries.GetRound(1), r => r.Phase == "Failed");
        await federation.Crash("server");
        Forget(federation.Journal, "rehearsal/1", firstLost);
        await federation.StartServer();

        var round = await federation.Await<object>(new FederationQueries.GetRound(1), r => r is RoundView { Phase: "Failed" });

        Assert.Equal("no more", Assert.IsType<RoundView>(round).Cause);
    }

    [Fact]
    public async Task There_is_nothing_to_stop_before_the_first_federation_nor_after_the_last()
    {
        await using var federation = await Start(Sites);

        var before = await federation.Ask<OperatorMessages.Refused>(new OperatorMessages.Stop("no more"));
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        await federation.AwaitEnd();
        var after = await federation.Ask<OperatorMessages.Refused>(new OperatorMessages.Stop("no more"));

        Assert.Contains("No federation was submitted", before.Reason);
        Assert.Contains("Completed already", after.Reason);
    }

    [Fact]
    public async Task A_rounds_story_is_read_from_its_journal_while_it_runs_and_after_its_end()
    {
        var gate = new Gate();
        await using var federation = await Start([], f => f.Training["hospital-c"] = new Counted(gate));
        foreach (string site in Sites)
            federation.StartHospital(site);
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        await Accepted(federation, round: 1, count: 2);

        var open = await federation.Ask<FederationQueries.Story>(new FederationQueries.GetStory(1));
        gate.Open();
        await federation.AwaitEnd();
        var ended = await federation.Ask<FederationQueries.Story>(new FederationQueries.GetStory(1));
        var none = await federation.Ask<FederationQueries.NotFound>(new FederationQueries.GetStory(2));

        Assert.Equal(4, open.Lines.Length);
        Assert.Equal(open.Lines, ended.Lines.Take(4));
        Assert.StartsWith("The round was committed", ended.Lines[^1].Text);
        Assert.Contains("There is no round 2", none.Message);
    }

    private static Rounds.FederationPlan Named(string name, string[] sites) =>
        TestFederation.Plan(rounds: 1, quorum: 3, sites) with { Id = new Rounds.FederationId(name) };

    // As after a crash before the events from this one on were stored.
    private static void Forget(TestJournal journal, string id, int first) =>
        Assert.True(journal.Execute($"DELETE FROM journal WHERE persistence_id = '{id}' AND sequence_number >= {first}") > 0);

    private static async Task<TestFederation> Start(string[] sites, Action<TestFederation>? arrange = null)
    {
        var federation = new TestFederation();
        arrange?.Invoke(federation);
        await federation.StartServer();
        federation.StartInjector();
        foreach (string site in sites)
            federation.StartHospital(site);
        return federation;
    }

    private static async Task<RoundView> Accepted(TestFederation federation, int round, int count)
    {
        await federation.Await(v => v.OpenRound == round);
        while (true)
        {
            if (await federation.Ask<object>(new FederationQueries.GetRound(round)) is RoundView view && view.AcceptedCount >= count)
                return view;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private sealed class Broken(string problem) : ILocalTraining
    {
        public LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel) =>
            throw new LearningException(problem);

        public void Dispose()
        {
        }
    }

    /// <summary>Trains as it should and then puts other values in place of the model's mark.</summary>
    private sealed class Spoiled(float value, int length) : ILocalTraining
    {
        private readonly RehearsalTraining _training = new();

        public LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel)
        {
            var update = _training.Train(request, progress, cancel);
            using var source = SafetensorsFile.Open(update.Weights.Path);
            byte[] mark = MemoryMarshal.AsBytes(Enumerable.Repeat(value, length).ToArray().AsSpan()).ToArray();
            string path = Path.Combine(request.WorkFolder, "spoiled.safetensors");
            var digest = SafetensorsWriter.Write(path, source.Tensors.Values.Select(t => t.Name.EndsWith(".mark", StringComparison.Ordinal)
                ? TensorData.Of(t.Name, t.DType, [length], mark)
                : new TensorData(t.Name, t.DType, t.Shape, output => output.Write(source.Bytes(t.Name)))));
            return update with { Weights = new WeightFile(path, digest) };
        }

        public void Dispose() => _training.Dispose();
    }

    private sealed class BrokenInjection : IInjection
    {
        private readonly RehearsalInjection _injection = new();

        public InjectedModel Initialize(Rounds.FederationId federation, long seed, string learning, string workFolder) =>
            _injection.Initialize(federation, seed, learning, workFolder);

        public InjectedModel Inject(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel) =>
            throw new LearningException("out of memory");

        public System.Collections.Immutable.ImmutableArray<TaskEvaluation> Evaluate(
            EvaluationRequest request, Action<LearningProgress> progress, CancellationToken cancel) => [];

        public void Dispose() => _injection.Dispose();
    }
}
