using System.Diagnostics;
using FedKim.Actors;
using FedKim.Chaos.Results;
using FedKim.Chaos.Running;
using FedKim.Chaos.Scenarios;
using FedKim.Configuration;
using FedKim.Launch.Machine;
using FedKim.Launch.Supervision;

namespace FedKim.Chaos.Tests;

/// <summary>
/// A federation that is completed without a node is no good one when nobody meant that node to be away. On real processes: of three servers
/// the last is lost, which the other two do not need.
/// </summary>
public sealed class LostNodeTests(LostNodeTests.Cluster cluster) : IClassFixture<LostNodeTests.Cluster>, IAsyncLifetime
{
    private const string Lost = "server-3";

    private ClusterNode Node => cluster.Running.Named(Lost)[0];

    /// <summary>Whatever the test before left behind, every node is there.</summary>
    public async ValueTask InitializeAsync()
    {
        foreach (var node in cluster.Running.Nodes)
            node.Start();
        Assert.Empty(await cluster.Running.SettleAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_node_that_dies_by_itself_is_named_though_the_federation_was_completed()
    {
        await DieAsync(Node);

        var result = await RunAsync("validate hashes");

        Assert.Equal((false, true), (result.Survived, result.HashEqual));
        Assert.StartsWith("server-3 does not run, though nothing ended it: it ended with exit code 137, and said last: ", result.Cause);
    }

    [Fact]
    public async Task A_node_that_a_step_starts_again_after_it_died_by_itself_is_named_too()
    {
        await DieAsync(Node);

        var result = await RunAsync("kill server-3, start server-3, validate hashes");

        Assert.False(result.Survived);
        Assert.StartsWith("server-3 does not run, though nothing ended it: it ended with exit code 137", result.Cause);
    }

    [Fact]
    public async Task A_struck_node_that_never_works_again_is_named()
    {
        await using var mute = await Mute.StartAsync(cluster.Running, Node);

        var result = await RunAsync("when round 1 is Training, freeze server-3 for 100 ms, validate hashes", together: TimeSpan.FromSeconds(5));

        Assert.Equal((false, true), (result.Survived, result.HashEqual));
        Assert.StartsWith("server-3 never worked again after \"freeze server-3 for 100 ms\": it runs, and said last: ", result.Cause);
    }

    [Fact]
    public async Task A_cluster_that_does_not_come_together_is_no_good_end()
    {
        await using var mute = await Mute.StartAsync(cluster.Running, Node);

        var result = await RunAsync("validate hashes", together: TimeSpan.FromSeconds(5));

        Assert.Equal((false, true), (result.Survived, result.HashEqual));
        Assert.StartsWith("The cluster does not come together again: after 5 s server-3 sees 0 of 5 nodes as members: it runs, and said last: ", result.Cause);
    }

    [Fact]
    public async Task A_node_that_a_step_ended_may_stay_away_and_only_a_strike_that_met_somebody_counts()
    {
        var result = await RunAsync(
            "when round 1 is Training, kill server-3, kill server-3, validate hashes, meanwhile freeze hospital-a for 100 ms, terminate hospital-a");

        Assert.True(result.IsGood, ProgressLine.Of(1, 1, result));
        Assert.Equal(new StrikeCounts(Kills: 1, Freezes: 0, Stops: 0, InVain: 3), result.Strikes);
    }

    private Task<ScenarioResult> RunAsync(string steps, TimeSpan? together = null) =>
        cluster.RunAsync(ScenarioFile.Parse("x", steps)[0] with { Setting = Cluster.Setting }, together ?? TimeSpan.FromSeconds(90));

    // As by a fault of its own: the tool has no part in it.
    private static async Task DieAsync(ClusterNode node)
    {
        using var process = Process.GetProcessById(node.Pid);
        Signal.Kill.Send(node.Pid);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Three servers, the injector and a hospital.</summary>
    public sealed class Cluster : IAsyncLifetime
    {
        private const string First = "trial";
        private int _runs;

        internal static Setting Setting { get; } = new() { Servers = 3, Hospitals = 1, Rounds = 1 };

        internal RunningCluster Running { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Running = await RunningCluster.StartAsync(Setting, Timing.Quick, SiteLink.Member, First, seed: 1, TestContext.Current.CancellationToken);
            var undisturbed = await RunAsync(new Scenario("undisturbed", Setting, [new Steps.ValidateHashes()]), TimeSpan.FromSeconds(90));
            Assert.True(undisturbed.IsGood, ProgressLine.Of(1, 1, undisturbed));
        }

        public ValueTask DisposeAsync() => Running.DisposeAsync();

        internal Task<ScenarioResult> RunAsync(Scenario scenario, TimeSpan together) =>
            new ScenarioRun(Running, scenario, _runs++ == 0 ? First : $"{First}-{_runs}") { TogetherWithin = together }.RunAsync(seed: 1, expected: null, TestContext.Current.CancellationToken);
    }

    /// <summary>A node that answers nobody who asks it, as long as this lasts: it listens elsewhere.</summary>
    private sealed class Mute(ClusterNode node, string file, string text) : IAsyncDisposable
    {
        public static async Task<Mute> StartAsync(RunningCluster cluster, ClusterNode node)
        {
            string file = cluster.Folder.NodeFile(node.Site), text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            await node.KillAsync();
            await File.AppendAllLinesAsync(file, [$"fedkim.commands.port = {Ports.Free(1)[0]}"], TestContext.Current.CancellationToken);
            node.Start();
            return new Mute(node, file, text);
        }

        public async ValueTask DisposeAsync()
        {
            await node.KillAsync();
            await File.WriteAllTextAsync(file, text);
        }
    }
}
