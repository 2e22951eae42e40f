using System.Diagnostics;
using FedKim.Chaos.Results;
using FedKim.Chaos.Scenarios;
using FedKim.Configuration;
using FedKim.Launch.Reports;
using FedKim.Rounds;

namespace FedKim.Chaos.Running;

/// <summary>One scenario on a cluster: submits its federation, does what its steps say, and looks what became of it.</summary>
/// <param name="cluster">A cluster that is settled.</param>
/// <param name="scenario">What to do.</param>
/// <param name="name">A name that no federation of the cluster has yet.</param>
internal sealed class ScenarioRun(RunningCluster cluster, Scenario scenario, string name)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TidyWithin = TimeSpan.FromSeconds(40);

    private readonly TimeProvider _clock = TimeProvider.System;

    // How long the federation may take with all that is done to it.
    private readonly TimeSpan _patience = scenario.Setting.Patience ?? TimeSpan.FromSeconds(scenario.Setting.Federation == Setting.Demo ? 600 : 240);
    private readonly StrikeLog _strikes = new(new FederationStory(cluster, name, scenario.Setting.Rounds));
    private readonly List<Task> _lasting = [];
    private readonly Dictionary<ClusterNode, long> _noted = [];
    private int _lastRound = 1;

    private FederationStory Story => _strikes.Story;

    private RoundId First => new(new FederationId(name), 1);

    private FileFaults Files => new(cluster, _strikes);

    /// <summary>The federation's report; null while it has not ended.</summary>
    public Report? Report { get; private set; }

    /// <summary>
    /// How long after the federation's end whoever was struck may take to work again, and the cluster to come together. The machine may be busy.
    /// </summary>
    public TimeSpan TogetherWithin { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Runs the scenario to its end.</summary>
    /// <param name="seed">The federation's seed.</param>
    /// <param name="expected">Report of the undisturbed run; null when this is one.</param>
    /// <param name="cancel">Gives the scenario up.</param>
    /// <exception cref="NotRunnableException">This machine lacks what a step needs.</exception>
    public async Task<ScenarioResult> RunAsync(long seed, Report? expected, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        await using var watching = cancel.Register(_strikes.GiveUp);
        string problem = "";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_patience);
        try
        {
            await cluster.SubmitAsync(TrialPlan.Text(scenario.Setting, name, seed), limit.Token);
            foreach (var step in scenario.Steps)
                await DoAsync(step, limit.Token);
            await Task.WhenAll(_lasting);
            await EndAsync(limit.Token);
        }
        catch (Exception e) when (e is ScenarioFailure or ScenarioException or TimeoutException)
        {
            problem = e.Message;
        }
        catch (NotRunnableException)
        {
            _strikes.GiveUp();
            throw;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            problem = $"After {_patience.TotalSeconds:0} s {Story.Standing()} {StoppedNodes()}".TrimEnd();
        }
        finally
        {
            // Where the scenario ended early, so does what still lasts.
            await limit.CancelAsync();
            await Task.WhenAll(_lasting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return await ResultAsync(problem, expected, watch, cancel);
    }

    private async Task DoAsync(IStep step, CancellationToken cancel)
    {
        switch (step)
        {
            case Steps.When s:
                await UntilAsync(s.Moment, cancel);
                break;
            case Steps.Wait s:
                await Task.Delay(s.Time, _clock, cancel);
                break;
            case Steps.Kill s:
                await StrikeAsync(s, s.Node, node => node.KillAsync());
                break;
            case Steps.CutPower s:
                // Who is meant may be another one once they are dead.
                ClusterNode[] struck = [.. cluster.Named(s.Node)];
                await StrikeAsync(s, s.Node, node => node.KillAsync());
                Files.TakeUnsynced(s, struck);
                break;
            case Steps.Terminate s:
                await StrikeAsync(s, s.Node, node => node.TerminateAsync());
                break;
            case Steps.Start s:
                foreach (var node in s.Nodes.SelectMany(cluster.Named))
                    _strikes.Start(node);
                break;
            case Steps.Damage s:
                await Files.DamageAsync(s, _lastRound, cancel);
                break;
            case Steps.Remove s:
                await Files.RemoveAsync(s, cancel);
                break;
            case Steps.Attack s:
                await HostilePart.AttackAsync(cluster, First, s.Who, cancel);
                break;
            case Steps.Lie s:
                foreach (var node in cluster.Named(s.Node))
                    await HostilePart.LieAsync(cluster, First, node.Site, cancel);
                break;
            case Steps.CopyJournal:
                cluster.Journal.Copy();
                break;
            case Steps.PutBackJournal:
                cluster.Journal.PutBack();
                _strikes.Mark("fault", $"{step}");
                break;
            case Steps.ExpectRefusedWriter s:
                await ExpectRefusedWriterAsync(s, cancel);
                break;
            case Steps.NoteMemory s:
                foreach (var node in cluster.Named(s.Node))
                    _noted[node] = node.Memory();
                break;
            case Steps.ExpectMemory s:
                foreach (var node in cluster.Named(s.Node))
                    ExpectMemory(node, s.Percent);
                break;
            case Steps.ExpectFailed s:
                await EndAsync(cancel);
                if (Report!.IsCompleted || Report.Cause is not { } why || !why.Contains(s.Cause, StringComparison.OrdinalIgnoreCase))
                    throw new ScenarioFailure($"The federation is {Report.Phase} with the cause \"{Report.Cause}\", which does not say \"{s.Cause}\".");
                break;
            case Steps.Meanwhile s:
                _lasting.Add(await BeginAsync(s.Step, cancel));
                break;
            case ILastingStep s:
                await await BeginAsync(s, cancel);
                break;
            case Steps.MoveClock s:
                await (await cluster.Surroundings.DisturbAsync(s, cluster.Named(s.Node), cancel)).DisposeAsync();
                Deal($"{s}", cluster.Named(s.Node));
                break;
            case Steps.ExpectRound s:
                await ExpectAsync(s, cancel);
                break;
            case Steps.ExpectDropped s:
                await EndAsync(cancel);
                if (!Report!.Rounds[s.Round - 1].Dropped.Any(d => d.Client == s.Site))
                    throw new ScenarioFailure($"{s.Site} was not dropped in round {s.Round}.");
                break;
            case Steps.ValidateHashes:
                await EndAsync(cancel);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(step), step, "A step of another version.");
        }
    }

    private async Task UntilAsync(IMoment moment, CancellationToken cancel)
    {
        while (!await IsAsync(moment, cancel))
            await Task.Delay(moment is Moments.SiteIs ? AskEvery : LookEvery, _clock, cancel);
    }

    private async Task<bool> IsAsync(IMoment moment, CancellationToken cancel)
    {
        switch (moment)
        {
            case Moments.RoundHas m:
                _lastRound = m.Round;
                return Story.Progress(m.Round).Events >= m.Events;
            case Moments.RoundIs m:
                _lastRound = m.Round;
                var progress = Story.Progress(m.Round);
                return progress.Events > 0 && progress.Phase >= m.Phase && progress.Accepted >= m.Accepted;
            case Moments.SiteIs m:
                bool injector = cluster.Named(m.Site)[0].Plan.Role == NodeRoles.Injector;
                var rows = await cluster.AskAsync(injector ? new("injector", "status") : new("client", "list"), cancel);
                // What a site last said may be of the federation before.
                return rows?.Any(r => (injector || r["client"].ToString() == m.Site) && r["activity"].ToString() == m.Activity
                    && r[injector ? "work" : "round"].ToString().StartsWith(name, StringComparison.Ordinal)) == true;
            default:
                throw new ArgumentOutOfRangeException(nameof(moment), moment, "A moment of another version.");
        }
    }

    private async Task ExpectAsync(Steps.ExpectRound expected, CancellationToken cancel)
    {
        RoundProgress progress;
        while ((progress = Story.Progress(expected.Round)).Events == 0 || progress.Phase < expected.Phase)
        {
            if (Story.Ended() is { } end)
                throw new ScenarioFailure($"The federation ended ({end}) and round {expected.Round} is {progress}.");
            await Task.Delay(AskEvery, _clock, cancel);
        }

        if (progress.Phase == Phase.Failed && expected.Phase != Phase.Failed)
            throw new ScenarioFailure($"Round {expected.Round} failed.");
    }

    private async Task StrikeAsync(IStep step, string name, Func<ClusterNode, Task> strike)
    {
        var nodes = cluster.Named(name);
        _strikes.NoteDeaths(nodes);
        _strikes.Count(step, nodes);
        await Task.WhenAll(nodes.Select(strike));
        var struck = Deal($"{step}", nodes);
        // Where other servers are left, they need not wait for this one to come back.
        if (nodes.All(n => n.Plan.Role == NodeRoles.Server) && cluster.Servers.Any(s => s.IsRunning))
            _strikes.Over(struck);
    }

    /// <summary>Begins what lasts.</summary>
    /// <returns>Its end.</returns>
    private async Task<Task> BeginAsync(ILastingStep step, CancellationToken cancel)
    {
        var nodes = cluster.Named(step.Node);
        _strikes.Count(step, nodes);
        var disturbance = step switch
        {
            Steps.Freeze => Frozen.Now(nodes),
            Steps.LockJournal => cluster.Journal.Lock(),
            Steps.StopDatabase s => await cluster.Journal.StopAsync(s.Crash),
            _ => await cluster.Surroundings.DisturbAsync(step, nodes, cancel),
        };
        bool ofDatabase = step is Steps.LockJournal or Steps.StopDatabase or Steps.FillDisk { Disk: Steps.FillDisk.Journal };
        return PassAsync(Deal($"{step}", nodes, ofDatabase), step.Time, disturbance, cancel);
    }

    private DealtStrike Deal(string what, IReadOnlyList<ClusterNode> nodes, bool ofDatabase = false) => _strikes.Deal(what, nodes, _lastRound, ofDatabase);

    private async Task PassAsync(DealtStrike strike, TimeSpan time, IAsyncDisposable disturbance, CancellationToken cancel)
    {
        try
        {
            await Task.Delay(time, _clock, cancel);
        }
        finally
        {
            await disturbance.DisposeAsync();
        }

        _strikes.Over(strike);
    }

    private async Task ExpectRefusedWriterAsync(Steps.ExpectRefusedWriter step, CancellationToken cancel)
    {
        string holder = cluster.Coordinator().Site;
        var (code, printed) = await SecondWriter.RunAsync(cluster.Folder, cluster.Timing, cancel);
        if (code != step.Code)
            throw new ScenarioFailure($"A second server over the same journal ended with code {code}, not {step.Code}: {printed}");
        if (!printed.Contains(holder, StringComparison.Ordinal))
            throw new ScenarioFailure($"A second server over the same journal does not name {holder}, which holds it: {printed}");
    }

    private void ExpectMemory(ClusterNode node, int percent)
    {
        long before = _noted.GetValueOrDefault(node), now = node.Memory();
        if (now * 100 > before * percent)
            throw new ScenarioFailure($"{node.Site} holds {now >> 20} MiB of memory, {before >> 20} MiB when it was noted.");
    }

    private async Task EndAsync(CancellationToken cancel)
    {
        while (Story.Ended() is null)
            await Task.Delay(AskEvery, _clock, cancel);
        Report ??= await cluster.ReportAsync(cancel);
    }

    private string StoppedNodes() => string.Join(" ", cluster.Nodes.Where(n => n is { IsRunning: false, EndedByItself: false }).Select(n => $"{n.Site} does not run: {n.Standing()}"));

    private async Task<ScenarioResult> ResultAsync(string problem, Report? expected, Stopwatch watch, CancellationToken cancel)
    {
        if (problem.Length == 0 && !scenario.ExpectsFailure && Report is not { IsCompleted: true })
            problem = $"The federation ended without a model: {Report?.Cause}";
        string difference = Report is null || expected is null ? "" : Comparison.Difference(expected, Report);
        _strikes.NoteDeaths(cluster.Nodes);
        // A node that is still lost cannot tidy up, nor say what it has done; it does when it comes back.
        foreach (var node in cluster.Nodes)
            node.Start();
        var left = await TidyAsync(cancel);
        var counters = await WorkCounters.ReadAsync(cluster, name, scenario, Report, cancel);
        await _strikes.RecoveriesAsync(TogetherWithin);
        string[] problems = [problem, .. _strikes.Problems(), counters.Unreadable];
        problems = [.. problems.Where(t => t.Length > 0)];
        if (problems.Length == 0 && await cluster.SettleAsync(TogetherWithin, cancel) is { Length: > 0 } missing)
            problems = [$"The cluster does not come together again: {missing}"];
        return new ScenarioResult(scenario)
        {
            Survived = problems.Length == 0,
            HashEqual = Report is not null && difference.Length == 0,
            Retrained = counters.Retrained,
            NextEventSeconds = _strikes.NextEventSeconds,
            AsksSeconds = _strikes.AsksSeconds,
            RecoverySeconds = _strikes.RecoverySeconds,
            Cause = string.Join(" ", [.. problems, .. new[] { difference, counters.Details }.Where(t => t.Length > 0)]),
            LeftOver = [.. left],
            Strikes = _strikes.Counts,
            Struck = [.. _strikes.Told],
            Seconds = Math.Round(watch.Elapsed.TotalSeconds, 1),
            Timeline = _strikes.Drawn(),
        };
    }

    private async Task<IReadOnlyList<string>> TidyAsync(CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            List<string> left = [.. LeftOvers.Files(cluster.Nodes), .. cluster.StrayProcesses().Select(p => $"process {p}")];
            if (left.Count == 0 || watch.Elapsed > TidyWithin || Report is null)
                return left;
            await Task.Delay(AskEvery, _clock, cancel);
        }
    }
}
