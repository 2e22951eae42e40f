using System.Collections.Concurrent;
using FedKim.Actors;
using FedKim.Chaos.Results;
using FedKim.Chaos.Scenarios;
using FedKim.Configuration;
using FedKim.Launch.Reports;

namespace FedKim.Chaos.Running;

/// <summary>
/// Runs scenarios one after another. Those of the same surroundings share a cluster, each with a federation of its own; after one that
/// left it broken the cluster is built anew. What an undisturbed run gives is found out once for each federation, and again by every
/// cluster's first.
/// </summary>
/// <param name="undisturbed">What federations give that nobody disturbs, as far as it is known; another run beside this one may share it.</param>
/// <param name="seed">Seed of the federations.</param>
/// <param name="timing">How soon the nodes take silence for loss.</param>
/// <param name="link">How the hospitals take part.</param>
/// <param name="keep">Whether the folder of a cluster stays that a scenario left broken.</param>
/// <param name="ended">Told each result as it comes.</param>
internal sealed class SuiteRun(
    ConcurrentDictionary<string, Report> undisturbed, long seed, Timing timing, SiteLink link, bool keep, Action<ScenarioResult> ended) : IAsyncDisposable
{
    private readonly Dictionary<string, string> _notRunnable = new(StringComparer.Ordinal);
    private RunningCluster? _cluster;
    private string _surroundings = "";
    private int _names;

    /// <summary>Runs the scenarios, those of the same surroundings together.</summary>
    public async Task RunAsync(IEnumerable<Scenario> scenarios, CancellationToken cancel)
    {
        foreach (var scenario in scenarios.GroupBy(s => Key(s.Setting)).SelectMany(g => g))
            ended(await RunAsync(scenario, cancel));
    }

    /// <summary>Runs one scenario after another until the time is over, and one at least.</summary>
    public async Task RunAsync(Func<int, Scenario> scenario, TimeSpan time, CancellationToken cancel)
    {
        long begun = TimeProvider.System.GetTimestamp();
        int number = 0;
        do
            ended(await RunAsync(scenario(number++), cancel));
        while (TimeProvider.System.GetElapsedTime(begun) < time);
    }

    public async ValueTask DisposeAsync()
    {
        var cluster = _cluster;
        _cluster = null;
        if (cluster is not null)
            await cluster.DisposeAsync();
    }

    private async Task<ScenarioResult> RunAsync(Scenario scenario, CancellationToken cancel)
    {
        try
        {
            var cluster = await ClusterAsync(scenario.Setting, cancel);
            var expected = scenario.ExpectsFailure ? null : await UndisturbedAsync(scenario.Setting, cluster, cancel);
            var result = await new ScenarioRun(cluster, scenario, NextName()).RunAsync(seed, expected, cancel);
            if (keep && !result.IsGood)
            {
                cluster.Keep = true;
                result = result with { Cause = $"{result.Cause} Everything is in {cluster.Folder.Path}.".TrimStart() };
            }

            // A clock that was set stays so.
            if (!result.IsGood || scenario.Steps.Any(s => s is Steps.MoveClock))
                await DisposeAsync();
            return result;
        }
        catch (NotRunnableException e)
        {
            // What was begun before the step that cannot be done is not waited for.
            await DisposeAsync();
            return new ScenarioResult(scenario) { NotRunnable = e.Message };
        }
        catch (ClusterFailure e)
        {
            await DisposeAsync();
            return new ScenarioResult(scenario) { Cause = e.Message };
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The others are still to be run.
            await DisposeAsync();
            return new ScenarioResult(scenario) { Cause = $"This tool broke over it: {e}" };
        }
    }

    private async Task<RunningCluster> ClusterAsync(Setting setting, CancellationToken cancel)
    {
        string key = Key(setting);
        if (_notRunnable.TryGetValue(key, out string? why))
            throw new NotRunnableException(why);
        // Every run ended with its nodes together, or the cluster is gone.
        if (_cluster is not null && _surroundings == key)
            return _cluster;

        await DisposeAsync();
        (_cluster, _surroundings) = (await StartAsync(setting, key, cancel), key);
        return _cluster;
    }

    private async Task<RunningCluster> StartAsync(Setting setting, string key, CancellationToken cancel)
    {
        string first = NextName();
        RunningCluster cluster;
        try
        {
            cluster = await RunningCluster.StartAsync(setting, timing, link, first, seed, cancel);
        }
        catch (NotRunnableException e)
        {
            _notRunnable[key] = e.Message;
            throw;
        }

        try
        {
            var nothing = new Scenario("undisturbed", setting with { Deadline = null, Absent = [] }, [new Steps.ValidateHashes()]);
            var run = new ScenarioRun(cluster, nothing, first);
            var result = await run.RunAsync(seed, undisturbed.GetValueOrDefault(setting.Computed), cancel);
            if (!result.IsGood)
                throw new ClusterFailure($"A run that nobody disturbed did not end as it must: {result.Cause} {string.Join(", ", result.LeftOver)}".TrimEnd());
            undisturbed.TryAdd(setting.Computed, run.Report!);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    // An undisturbed run; where sites are absent they do not run while that round's contributions are collected.
    private async Task<Report> UndisturbedAsync(Setting setting, RunningCluster cluster, CancellationToken cancel)
    {
        string key = setting.Absent.IsEmpty
            ? setting.Computed
            : $"{setting.Computed} without {string.Join(", ", setting.Absent.Select(a => $"{a.Site} in round {a.Round}"))}";
        if (undisturbed.TryGetValue(key, out var known))
            return known;
        var steps = new List<IStep>();
        foreach (var round in setting.Absent.GroupBy(a => a.Round).OrderBy(g => g.Key))
        {
            steps.AddRange(round.Select(a => new Steps.Kill(a.Site)));
            steps.Add(new Steps.When(new Moments.RoundIs(round.Key, Rounds.Phase.Aggregating)));
            steps.Add(new Steps.Start([.. round.Select(a => a.Site)]));
            steps.AddRange(round.Select(a => new Steps.ExpectDropped(a.Site, a.Round)));
        }

        var own = setting.Absent.IsEmpty ? setting with { Deadline = null } : setting;
        var run = new ScenarioRun(cluster, new Scenario(key, own, [.. steps.DefaultIfEmpty(new Steps.ValidateHashes())]), NextName());
        var result = await run.RunAsync(seed, null, cancel);
        if (!result.Survived)
            throw new ClusterFailure($"The undisturbed run {key} did not end as it must: {result.Cause}");
        return undisturbed[key] = run.Report!;
    }

    private string NextName() => $"trial-{++_names:000}";

    private static string Key(Setting setting) => $"{setting.Federation} {setting.Place} {setting.Hospitals} {setting.Servers} {setting.Journal}";

    private sealed class ClusterFailure(string message) : Exception(message);
}
