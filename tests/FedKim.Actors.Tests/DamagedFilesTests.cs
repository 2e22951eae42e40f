using System.Collections.Immutable;
using FedKim.Learning;
using FedKim.Learning.Rehearsal;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>Bytes that a disk changes, at whichever node and in whichever file, change no result and cost no site its place.</summary>
public sealed class DamagedFilesTests
{
    private static readonly string[] Sites = ["hospital-a", "hospital-b", "hospital-c"];

    private static readonly FederationPlan Bounded = TestFederation.Plan(rounds: 2, quorum: 3, Sites) with { MaxNorm = 1000 };

    private static readonly Lazy<Task<FederationView>> Undisturbed = new(async () =>
    {
        await using var federation = await TestFederation.Start(Sites);
        await federation.Submit(Bounded);
        return await federation.AwaitEnd();
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_accepted_update_that_the_servers_disk_damaged_is_sent_again_and_not_trained_again(bool serverDies)
    {
        await using var held = await TwoOfThree.Begin();

        if (serverDies)
            await held.Federation.Crash("server");
        Flip(Updates(held.Federation)[0]);
        if (serverDies)
            await held.Federation.StartServer();

        await held.EndsAsUndisturbed(calls: 2);
    }

    [Fact]
    public async Task An_update_that_is_lost_at_the_server_and_in_its_sites_outbox_is_trained_again_with_the_same_bits()
    {
        await using var held = await TwoOfThree.Begin();

        string update = (await held.Federation.Ask<RoundView>(new FederationQueries.GetRound(1))).Accepted.Single(a => a.Client == "hospital-a").Digest;
        Flip(Path.Combine(held.Federation.ServerFolder, "spool", "rehearsal-1", update));
        Flip(Path.Combine(held.Federation.FolderOf("hospital-a"), "weights", update));

        await held.EndsAsUndisturbed(calls: 3);
    }

    [Fact]
    public async Task A_start_model_that_the_servers_disk_damaged_is_fetched_from_a_site_and_no_update_is_refused_for_it()
    {
        await using var held = await TwoOfThree.Begin();

        string model = (await held.Federation.Ask<FederationView>(new FederationQueries.GetFederation())).GlobalModel;
        Flip(Path.Combine(held.Federation.ServerFolder, "weights", model));

        await held.EndsAsUndisturbed(calls: 2);
    }

    [Theory]
    [InlineData("server")]
    [InlineData("injector")]
    [InlineData("hospital-a")]
    public async Task Every_weight_file_of_a_node_damaged_while_it_is_up_changes_nothing(string node)
    {
        await using var held = await TwoOfThree.Begin();

        foreach (string file in Directory.EnumerateFiles(Path.Combine(held.Federation.FolderOf(node), "weights")))
            Flip(file);

        await held.EndsAsUndisturbed(calls: null);
    }

    [Fact]
    public async Task Random_bytes_in_place_of_an_injected_model_fail_the_round_by_the_injectors_name_and_are_never_committed()
    {
        await using var federation = await TestFederation.Start(Sites, f => f.Injection = () => new Garbage(always: true));
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        var end = await federation.AwaitEnd();

        Assert.Equal("Failed", end.Phase);
        Assert.Contains("broke 3 times", end.Cause);
        Assert.Contains("the injector's result is refused", end.Cause);
        Assert.Contains("no valid safetensors file", end.Cause);
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(federation.ServerFolder, "weights")), file => new FileInfo(file).Length == Garbage.Length);
    }

    [Fact]
    public async Task An_injector_that_once_hands_back_random_bytes_is_asked_again_and_the_result_is_the_same()
    {
        await using var federation = await TestFederation.Start(Sites, f => f.Injection = () => new Garbage(always: false));
        await federation.Submit(Bounded);
        var end = await federation.AwaitEnd();

        var expected = await Undisturbed.Value;
        Assert.Equal(("Completed", expected.GlobalModel, expected.Adapter), (end.Phase, end.GlobalModel, end.Adapter));
    }

    [Fact]
    public async Task Random_bytes_in_place_of_a_first_model_are_refused()
    {
        await using var federation = await TestFederation.Start(Sites, f => f.Injection = () => new Garbage(always: true, first: true));
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        var end = await federation.AwaitEnd();

        Assert.Equal("Failed", end.Phase);
        Assert.Contains("What the injector made to start from is refused", end.Cause);
    }

    private static string[] Updates(TestFederation federation) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(federation.ServerFolder, "spool", "rehearsal-1")).Where(f => Path.GetFileName(f).Length == 64)
            .Order(StringComparer.Ordinal),
    ];

    private static void Flip(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        file.Position = file.Length / 2;
        int value = file.ReadByte();
        file.Position = file.Length / 2;
        file.WriteByte((byte)(value ^ 4));
    }

    /// <summary>A federation in whose first round two sites count, and the third waits.</summary>
    private sealed record TwoOfThree(TestFederation Federation, Gate Gate, Counted Trained) : IAsyncDisposable
    {
        public static async Task<TwoOfThree> Begin()
        {
            var gate = new Gate();
            var trained = new Counted();
            var federation = await TestFederation.Start([], f => (f.Training["hospital-a"], f.Training["hospital-c"]) = (trained, new Counted(gate)));
            foreach (string site in Sites)
                federation.StartHospital(site);
            await federation.Submit(Bounded);
            await federation.Accepted(round: 1, count: 2);
            return new TwoOfThree(federation, gate, trained);
        }

        /// <param name="calls">How often hospital-a is to have trained, or looked into its outbox; null where that does not matter.</param>
        public async Task EndsAsUndisturbed(int? calls)
        {
            Gate.Open();
            var end = await Federation.AwaitEnd();
            var expected = await Undisturbed.Value;
            Assert.Equal(("Completed", expected.GlobalModel, expected.Adapter), (end.Phase, end.GlobalModel, end.Adapter));
            foreach (int number in (int[])[1, 2])
                Assert.Equal(Sites, (await Federation.Ask<RoundView>(new FederationQueries.GetRound(number))).Accepted.Select(a => a.Client));
            if (calls is not null)
                Assert.Equal(calls, Trained.Calls);
        }

        public ValueTask DisposeAsync() => Federation.DisposeAsync();
    }

    /// <summary>Hands back random bytes instead of what was injected: always, or the first time.</summary>
    private sealed class Garbage(bool always, bool first = false) : IInjection
    {
        public const int Length = 5000;

        private readonly RehearsalInjection _injection = new();
        private int _times;

        public InjectedModel Initialize(FederationId federation, long seed, string learning, string workFolder) =>
            first ? Random(workFolder) : _injection.Initialize(federation, seed, learning, workFolder);

        public InjectedModel Inject(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel) =>
            always || _times++ == 0 ? Random(request.WorkFolder) : _injection.Inject(request, progress, cancel);

        public ImmutableArray<TaskEvaluation> Evaluate(EvaluationRequest request, Action<LearningProgress> progress, CancellationToken cancel) => [];

        public void Dispose() => _injection.Dispose();

        private static InjectedModel Random(string folder)
        {
            string path = Path.Combine(folder, "random.safetensors");
            var random = SeededGenerator.Derive(1, "garbage");
            File.WriteAllBytes(path, [.. Enumerable.Range(0, Length).Select(_ => (byte)(random.NextDouble() * 256))]);
            var file = new WeightFile(path, Digests.OfFile(path));
            return new InjectedModel(file, file, 0);
        }
    }
}
