using System.Runtime.InteropServices;
using FedKim.Learning;
using FedKim.Learning.Rehearsal;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

public sealed class FederationTests
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

    [Theory]
    [InlineData(float.NaN, 1, "mark")]
    [InlineData(0f, 2, "[2], expected [1]")]
    public async Task An_update_that_is_no_number_or_of_another_shape_is_refused_by_site_and_tensor(float value, int length, string told)
    {
        await using var federation = await TestFederation.Start([], f => f.Training["hospital-b"] = new Spoiled(value, length));
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
    public async Task An_update_beyond_the_agreed_norm_is_refused_by_site_and_never_counts()
    {
        await using var federation = await TestFederation.Start([], f => f.Training["hospital-b"] = new Spoiled(1000f, 1));
        foreach (string site in Sites)
            federation.StartHospital(site);

        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 2, Sites) with { MaxNorm = 10 });
        var end = await federation.AwaitEnd();

        Assert.Equal("Completed", end.Phase);
        var round = await federation.Ask<RoundView>(new FederationQueries.GetRound(1));
        Assert.Equal(["hospital-a", "hospital-c"], round.Accepted.Select(a => a.Client));
        var dropped = Assert.Single(round.Dropped);
        Assert.Equal("hospital-b", dropped.Client);
        Assert.Contains("of hospital-b refused", dropped.Reason);
        Assert.Contains("the federation allows 10 (update-checks.max-norm)", dropped.Reason);
        Assert.Contains("encoder.rehearsal.mark", dropped.Reason);
    }

    [Fact]
    public async Task Updates_that_have_no_sum_fail_the_round_with_what_to_do()
    {
        await using var federation = await TestFederation.Start([], f => f.Training["hospital-b"] = new Spoiled(1e25f, 1));
        foreach (string site in Sites)
            federation.StartHospital(site);

        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 2, Sites) with { Strategy = "fedadam", ServerOptimizer = Aggregation.Recommended("fedadam") });
        var end = await federation.AwaitEnd();

        Assert.Equal("Failed", end.Phase);
        Assert.Contains("the updates cannot be summed", end.Cause);
        Assert.Contains("update-checks.max-norm", end.Cause);
    }

    [Fact]
    public async Task No_plain_byte_of_an_update_is_in_the_servers_folder_during_a_round_or_after_it()
    {
        var gate = new Gate();
        await using var federation = await TestFederation.Start([], f =>
        {
            foreach (string site in Sites)
                f.Training[site] = new Private(site == "hospital-c" ? gate : null);
        });
        foreach (string site in Sites)
            federation.StartHospital(site);
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        await federation.Accepted(round: 1, count: 2);

        Assert.Single(Directory.EnumerateDirectories(Path.Combine(federation.ServerFolder, "spool")));
        byte[][] secrets = [.. Sites.Take(2).Select(s => Private.Secret(new Rounds.ClientId(s)))];
        Assert.All(secrets, secret => Assert.True(Holds(federation.FolderOf("hospital-a"), secret) || Holds(federation.FolderOf("hospital-b"), secret)));
        Assert.All(secrets, secret => Assert.False(Holds(federation.ServerFolder, secret)));
        gate.Open();
        await federation.AwaitEnd();
        await federation.Until(() => !Directory.EnumerateFileSystemEntries(Path.Combine(federation.ServerFolder, "spool")).Any());

        Assert.All(secrets, secret => Assert.False(Holds(federation.ServerFolder, secret)));
    }

    [Fact]
    public async Task The_spool_of_a_round_that_ended_while_no_server_ran_goes_when_one_does()
    {
        await using var federation = await TestFederation.Start(Sites);
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        await federation.AwaitEnd();
        await federation.Crash("server");
        string left = Directory.CreateDirectory(Path.Combine(federation.ServerFolder, "spool", "rehearsal-1")).FullName;
        File.WriteAllBytes(Path.Combine(left, "key"), [.. Enumerable.Repeat((byte)7, 32)]);

        await federation.StartServer();

        await federation.Until(() => !Directory.Exists(left));
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

    [Fact]
    public async Task An_injector_that_breaks_is_asked_again_and_the_round_fails_in_the_end_with_its_cause()
    {
        await using var federation = await TestFederation.Start(Sites, f => f.Injection = () => new BrokenInjection());

        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        var end = await federation.AwaitEnd();

        Assert.Equal("Failed", end.Phase);
        Assert.Contains("broke 3 times", end.Cause);
        Assert.Contains(SiteSentences.NoMemoryForOne.Say().Text, end.Cause);
    }

    [Fact]
    public async Task A_second_federation_is_refused_while_one_runs()
    {
        await using var federation = await TestFederation.Start([]);

        await federation.Submit(TestFederation.Plan(1, 1, "hospital-a"));
        object again = await federation.Submit(TestFederation.Plan(1, 1, "hospital-a"));
        var other = TestFederation.Plan(1, 1, "hospital-a") with { Id = new FederationId("other") };

        Assert.IsType<FederationView>(again);
        var refused = Assert.IsType<OperatorMessages.Refused>(await federation.Submit(other));
        Assert.Contains("rehearsal is still", refused.Reason);
    }

    [Fact]
    public async Task A_plan_whose_strategy_no_server_knows_is_refused_before_anybody_works()
    {
        await using var federation = await TestFederation.Start([]);

        var refused = Assert.IsType<OperatorMessages.Refused>(await federation.Submit(TestFederation.Plan(1, 1, "hospital-a") with { Strategy = "of-a-package" }));

        Assert.Contains("does not know the strategy of-a-package", refused.Reason);
    }

    [Fact]
    public async Task A_stop_ends_the_open_round_and_its_work_and_another_federation_can_run()
    {
        var gate = new Gate();
        await using var federation = await TestFederation.Start([], f => f.Training["hospital-c"] = new Counted(gate));
        foreach (string site in Sites)
            federation.StartHospital(site);
        await federation.Submit(TestFederation.Plan(rounds: 2, quorum: 3, Sites));
        await federation.Accepted(round: 1, count: 2);

        var stopped = await federation.Ask<FederationView>(new OperatorMessages.Stop("no more"));
        var again = await federation.Ask<FederationView>(new OperatorMessages.Stop("once more"));
        var round = await federation.Await<RoundView>(new FederationQueries.GetRound(1), r => r.Phase == "Failed");
        await federation.Await<FederationQueries.Clients>(new FederationQueries.GetClients(), c => c.Items.All(i => i.Status.Round.Length == 0));
        object next = await federation.Submit(Named("next", Sites));
        gate.Open();
        var end = await federation.AwaitEnd();

        Assert.Equal(("Stopped", "no more", "no more"), (stopped.Phase, stopped.Cause, again.Cause));
        Assert.Equal("no more", round.Cause);
        Assert.Equal("Initializing", Assert.IsType<FederationView>(next).Phase);
        Assert.Equal(("next", "Completed"), (end.Federation, end.Phase));
        var list = await federation.Ask<FederationQueries.Federations>(new FederationQueries.GetFederations());
        Assert.Equal([("rehearsal", "Stopped"), ("next", "Completed")], list.Items.Select(f => (f.Federation, f.Phase)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_stop_that_the_server_did_not_live_to_carry_out_ends_the_round_when_it_is_back(int firstLost)
    {
        await using var federation = await TestFederation.Start([]);
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 1, "hospital-a"));
        await federation.Await<object>(new FederationQueries.GetRound(1), r => r is RoundView { Phase: "Training" });
        await federation.Ask<FederationView>(new OperatorMessages.Stop("no more"));
        await federation.Await<RoundView>(new FederationQueries.GetRound(1), r => r.Phase == "Failed");
        await federation.Crash("server");
        Forget(federation.Journal, "rehearsal/1", firstLost);
        await federation.StartServer();

        object round = await federation.Await<object>(new FederationQueries.GetRound(1), r => r is RoundView { Phase: "Failed" });

        Assert.Equal("no more", Assert.IsType<RoundView>(round).Cause);
    }

    [Fact]
    public async Task There_is_nothing_to_stop_before_the_first_federation_nor_after_the_last()
    {
        await using var federation = await TestFederation.Start(Sites);

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
        await using var federation = await TestFederation.Start([], f => f.Training["hospital-c"] = new Counted(gate));
        foreach (string site in Sites)
            federation.StartHospital(site);
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        await federation.Accepted(round: 1, count: 2);

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

    [Theory]
    [InlineData("fedavg", 1)]
    [InlineData("fedyogi", 2)]
    public async Task A_rounds_aggregate_is_recomputed_while_its_updates_are_there_and_then_they_are_gone(string strategy, int round)
    {
        var gate = new Gate();
        await using var federation = await TestFederation.Start(Sites, f => f.Injection = () => new WaitingInjection(gate, new Rounds.RoundId(new FederationId("rehearsal"), round)));
        await federation.Submit(TestFederation.Plan(round, quorum: 3, Sites) with { Strategy = strategy, ServerOptimizer = Aggregation.Recommended(strategy) });
        await federation.Await<object>(new FederationQueries.GetRound(round), r => r is RoundView { Phase: "Injecting" });

        var open = await federation.Ask<ReplayView>(new FederationQueries.GetReplay(round));
        gate.Open();
        await federation.AwaitEnd();
        var ended = await federation.Ask<ReplayView>(new FederationQueries.GetReplay(round));
        var none = await federation.Ask<FederationQueries.NotFound>(new FederationQueries.GetReplay(round + 1));

        Assert.Equal((3, open.Recorded), (open.Updates, open.Computed));
        Assert.Equal((0, "", open.Recorded), (ended.Updates, ended.Computed, ended.Recorded));
        Assert.Contains("destroyed with their key", ended.Message);
        Assert.Contains($"There is no round {round + 1}", none.Message);
    }

    [Fact]
    public async Task A_site_that_was_away_for_whole_rounds_joins_the_current_one_and_its_outbox_is_cleared_at_each_commit()
    {
        var gate = new Gate();
        var next = new Rounds.RoundId(new FederationId("next"), 1);
        await using var federation = await TestFederation.Start(Sites, f => f.Injection = () => new WaitingInjection(gate, next));
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        await federation.AwaitEnd();
        foreach (string site in Sites)
            await federation.Until(() => IsEmpty(Path.Combine(federation.FolderOf(site), "rounds")));

        // Away, with a finished update of a round that ends without it.
        await federation.Crash("hospital-c");
        string stale = Directory.CreateDirectory(Path.Combine(federation.FolderOf("hospital-c"), "rounds", "next-1")).FullName;
        File.WriteAllText(Path.Combine(stale, "update.safetensors"), "old");
        await federation.Submit(TestFederation.Plan(rounds: 2, quorum: 2, Sites) with { Id = next.Federation, Deadline = TimeSpan.FromSeconds(12) });
        await federation.Await<object>(new FederationQueries.GetRound(1), r => r is RoundView { Phase: "Injecting" });
        federation.StartHospital("hospital-c");
        await federation.Await<FederationQueries.Clients>(new FederationQueries.GetClients(), c => c.Items.All(i => i.Present));
        gate.Open();
        await federation.AwaitEnd();

        var (missed, joined) = (await federation.Ask<RoundView>(new FederationQueries.GetRound(1)), await federation.Ask<RoundView>(new FederationQueries.GetRound(2)));
        Assert.Equal(["hospital-a", "hospital-b"], missed.Accepted.Select(a => a.Client));
        Assert.Equal(Sites, joined.Accepted.Select(a => a.Client));
        await federation.Until(() => IsEmpty(Path.Combine(federation.FolderOf("hospital-c"), "rounds")));
    }

    private static bool IsEmpty(string folder) => !Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any();

    private static FederationPlan Named(string name, string[] sites) =>
        TestFederation.Plan(rounds: 1, quorum: 3, sites) with { Id = new FederationId(name) };

    // As after a crash before the events from this one on were stored.
    private static void Forget(TestJournal journal, string id, int first) =>
        Assert.True(journal.Execute($"DELETE FROM journal WHERE persistence_id = '{id}' AND sequence_number >= {first}") > 0);

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

    private static bool Holds(string folder, byte[] bytes) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any(path =>
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] all = new byte[file.Length];
            return all.AsSpan(0, file.ReadAtLeast(all, all.Length, throwOnEndOfStream: false)).IndexOf(bytes) >= 0;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    });

    /// <summary>Trains as it should and then puts values that no other file has in place of the model's first tensor.</summary>
    private sealed class Private(Gate? gate) : ILocalTraining
    {
        private readonly RehearsalTraining _training = new();

        /// <summary>Bytes that stand in this site's update alone.</summary>
        public static byte[] Secret(Rounds.ClientId client) => Values(client, 16);

        public LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel)
        {
            gate?.Pass(cancel);
            var update = _training.Train(request, progress, cancel);
            using var source = SafetensorsFile.Open(update.Weights.Path);
            string first = source.Tensors.Keys.First(), path = Path.Combine(request.WorkFolder, "private.safetensors");
            var digest = SafetensorsWriter.Write(path, source.Tensors.Values.Select(t => t.Name == first
                ? TensorData.Of(t.Name, t.DType, t.Shape, Values(request.Client, (int)t.Count))
                : new TensorData(t.Name, t.DType, t.Shape, output => output.Write(source.Bytes(t.Name)))));
            return update with { Weights = new WeightFile(path, digest) };
        }

        public void Dispose() => _training.Dispose();

        private static byte[] Values(Rounds.ClientId client, int count)
        {
            var random = Rounds.SeededGenerator.Derive(1, "private", client.Value);
            return MemoryMarshal.AsBytes(Enumerable.Range(0, count).Select(_ => (float)random.NextDouble()).ToArray().AsSpan()).ToArray();
        }
    }

    /// <summary>Injects as it should, in one round only after a gate has opened.</summary>
    private sealed class WaitingInjection(Gate gate, Rounds.RoundId round) : IInjection
    {
        private readonly RehearsalInjection _injection = new();

        public InjectedModel Initialize(FederationId federation, long seed, string learning, string workFolder) =>
            _injection.Initialize(federation, seed, learning, workFolder);

        public InjectedModel Inject(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel)
        {
            if (request.Round == round)
                gate.Pass(cancel);
            return _injection.Inject(request, progress, cancel);
        }

        public System.Collections.Immutable.ImmutableArray<TaskEvaluation> Evaluate(
            EvaluationRequest request, Action<LearningProgress> progress, CancellationToken cancel) => [];

        public void Dispose() => _injection.Dispose();
    }

    private sealed class BrokenInjection : IInjection
    {
        private readonly RehearsalInjection _injection = new();

        public InjectedModel Initialize(FederationId federation, long seed, string learning, string workFolder) =>
            _injection.Initialize(federation, seed, learning, workFolder);

        public InjectedModel Inject(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel) =>
            throw new LearningException("out of memory", reason: SiteSentences.NoMemoryForOne.Say());

        public System.Collections.Immutable.ImmutableArray<TaskEvaluation> Evaluate(
            EvaluationRequest request, Action<LearningProgress> progress, CancellationToken cancel) => [];

        public void Dispose() => _injection.Dispose();
    }
}
