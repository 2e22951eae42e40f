using System.Collections.Concurrent;
using System.Diagnostics;
using FedKim.Chaos.Faults;
using FedKim.Chaos.Results;
using FedKim.Chaos.Scenarios;
using FedKim.Configuration;
using FedKim.Launch.Reports;
using FedKim.Launch.Supervision;
using FedKim.Rounds;

namespace FedKim.Chaos.Running;

/// <summary>One scenario on a cluster: submits its federation, does what its steps say, and looks what became of it.</summary>
internal sealed class ScenarioRun
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TidyWithin = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan FileWithin = TimeSpan.FromSeconds(20);

    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly RunningCluster _cluster;
    private readonly Scenario _scenario;
    private readonly string _name;

    // How long the federation may take with all that is done to it.
    private readonly TimeSpan _patience;
    private readonly List<Strike> _strikes = [];
    private readonly List<string> _deaths = [];
    private readonly List<Task> _lasting = [];
    private readonly ConcurrentBag<Task> _recoveries = [];
    private readonly CancellationTokenSource _watching = new();
    private readonly Dictionary<ClusterNode, long> _noted = [];
    private readonly List<Span> _spans = [];
    private readonly List<Mark> _marks = [];
    private StrikeCounts _counts = StrikeCounts.None;
    private DateTimeOffset _begin;
    private long _before;
    private int _lastRound = 1;

    /// <param name="cluster">A cluster that is settled.</param>
    /// <param name="scenario">What to do.</param>
    /// <param name="name">A name that no federation of the cluster has yet.</param>
    public ScenarioRun(RunningCluster cluster, Scenario scenario, string name) =>
        (_cluster, _scenario, _name, _patience) = (cluster, scenario, name,
            scenario.Setting.Patience ?? TimeSpan.FromSeconds(scenario.Setting.Federation == Setting.Demo ? 600 : 240));

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
        await using var watching = cancel.Register(_watching.Cancel);
        _before = _cluster.Journal.Events("federation").LastOrDefault()?.Number ?? 0;
        _begin = _clock.GetUtcNow();
        string problem = "";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_patience);
        try
        {
            await _cluster.SubmitAsync(TrialPlan.Text(_scenario.Setting, _name, seed), limit.Token);
            foreach (var step in _scenario.Steps)
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
            await _watching.CancelAsync();
            throw;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            problem = $"After {_patience.TotalSeconds:0} s {Standing()} {StoppedNodes()}".TrimEnd();
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
            case Steps.Terminate s:
                await StrikeAsync(s, s.Node, node => node.TerminateAsync());
                break;
            case Steps.Start s:
                foreach (var node in s.Nodes.SelectMany(_cluster.Named))
                    Start(node);
                break;
            case Steps.Damage s:
                await DamageAsync(s, cancel);
                break;
            case Steps.Remove s:
                await RemoveAsync(s, cancel);
                break;
            case Steps.CopyJournal:
                _cluster.Journal.Copy();
                break;
            case Steps.PutBackJournal:
                _cluster.Journal.PutBack();
                _marks.Add(new Mark("fault", $"{step}", Seconds(_clock.GetUtcNow())));
                break;
            case Steps.ExpectRefusedWriter s:
                await ExpectRefusedWriterAsync(s, cancel);
                break;
            case Steps.NoteMemory s:
                foreach (var node in _cluster.Named(s.Node))
                    _noted[node] = node.Memory();
                break;
            case Steps.ExpectMemory s:
                foreach (var node in _cluster.Named(s.Node))
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
                await (await _cluster.Surroundings.DisturbAsync(s, _cluster.Named(s.Node), cancel)).DisposeAsync();
                Struck($"{s}", _cluster.Named(s.Node));
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

    private RoundProgress Progress(int round) => RoundProgress.Of(_cluster.Journal.Events($"{_name}/{round}"));

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
                return Progress(m.Round).Events >= m.Events;
            case Moments.RoundIs m:
                _lastRound = m.Round;
                var progress = Progress(m.Round);
                return progress.Events > 0 && progress.Phase >= m.Phase && progress.Accepted >= m.Accepted;
            case Moments.SiteIs m:
                bool injector = _cluster.Named(m.Site)[0].Plan.Role == NodeRoles.Injector;
                var rows = await _cluster.AskAsync(injector ? new("injector", "status") : new("client", "list"), cancel);
                // What a site last said may be of the federation before.
                return rows?.Any(r => (injector || r["client"].ToString() == m.Site) && r["activity"].ToString() == m.Activity
                    && r[injector ? "work" : "round"].ToString().StartsWith(_name, StringComparison.Ordinal)) == true;
            default:
                throw new ArgumentOutOfRangeException(nameof(moment), moment, "A moment of another version.");
        }
    }

    private async Task ExpectAsync(Steps.ExpectRound expected, CancellationToken cancel)
    {
        RoundProgress progress;
        while ((progress = Progress(expected.Round)).Events == 0 || progress.Phase < expected.Phase)
        {
            if (Ended() is { } end)
                throw new ScenarioFailure($"The federation ended ({end}) and round {expected.Round} is {progress}.");
            await Task.Delay(AskEvery, _clock, cancel);
        }

        if (progress.Phase == Phase.Failed && expected.Phase != Phase.Failed)
            throw new ScenarioFailure($"Round {expected.Round} failed.");
    }

    private async Task StrikeAsync(IStep step, string name, Func<ClusterNode, Task> strike)
    {
        var nodes = _cluster.Named(name);
        NoteDeaths(nodes);
        Count(step, nodes);
        await Task.WhenAll(nodes.Select(strike));
        var struck = Struck($"{step}", nodes);
        // Where other servers are left, they need not wait for this one to come back.
        if (nodes.All(n => n.Plan.Role == NodeRoles.Server) && _cluster.Servers.Any(s => s.IsRunning))
            Over(struck);
    }

    /// <summary>Begins what lasts.</summary>
    /// <returns>Its end.</returns>
    private async Task<Task> BeginAsync(ILastingStep step, CancellationToken cancel)
    {
        var nodes = _cluster.Named(step.Node);
        Count(step, nodes);
        var disturbance = step switch
        {
            Steps.Freeze => Frozen.Now(nodes),
            Steps.LockJournal => _cluster.Journal.Lock(),
            Steps.StopDatabase s => await _cluster.Journal.StopAsync(s.Crash),
            _ => await _cluster.Surroundings.DisturbAsync(step, nodes, cancel),
        };
        bool ofDatabase = step is Steps.LockJournal or Steps.StopDatabase or Steps.FillDisk { Disk: Steps.FillDisk.Journal };
        return PassAsync(Struck($"{step}", nodes, ofDatabase), step.Time, disturbance, cancel);
    }

    private async Task PassAsync(Strike strike, TimeSpan time, IAsyncDisposable disturbance, CancellationToken cancel)
    {
        try
        {
            await Task.Delay(time, _clock, cancel);
        }
        finally
        {
            await disturbance.DisposeAsync();
        }

        Over(strike);
    }

    private async Task DamageAsync(Steps.Damage step, CancellationToken cancel)
    {
        foreach (var node in _cluster.Named(step.Node))
        {
            string damaged = await SoonAsync(
                () => FileDamage.Flip(node.Work, step.File, JournalDigests.Of(_cluster.Journal.Events($"{_name}/{_lastRound}"), step.File)),
                $"{node.Site} has no {step.File} to damage.", cancel);
            _marks.Add(new Mark("fault", $"{step}: {Path.GetRelativePath(node.Work, damaged)}", Seconds(_clock.GetUtcNow())));
        }
    }

    private async Task RemoveAsync(Steps.Remove step, CancellationToken cancel)
    {
        foreach (var node in _cluster.Named(step.Node))
        {
            string removed = await SoonAsync(() => FileDamage.Remove(node.Work, step.Folder) ? step.Folder : null, $"{node.Site} has no folder {step.Folder} to remove.", cancel);
            _marks.Add(new Mark("fault", $"{step}: {removed}", Seconds(_clock.GetUtcNow())));
        }
    }

    // What is to be damaged may be written only in a moment.
    private async Task<string> SoonAsync(Func<string?> attempt, string problem, CancellationToken cancel)
    {
        long begun = _clock.GetTimestamp();
        while (true)
        {
            if (attempt() is { } done)
                return done;
            if (_clock.GetElapsedTime(begun) > FileWithin)
                throw new ScenarioFailure(problem);
            await Task.Delay(LookEvery, _clock, cancel);
        }
    }

    private async Task ExpectRefusedWriterAsync(Steps.ExpectRefusedWriter step, CancellationToken cancel)
    {
        string holder = _cluster.Coordinator().Site;
        var (code, printed) = await SecondWriter.RunAsync(_cluster.Folder, _cluster.Timing, cancel);
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

    private void Start(ClusterNode node)
    {
        NoteDeaths([node]);
        node.Start();
        foreach (var strike in _strikes.Where(s => s.RecoversFrom is null && s.Nodes.Contains(node)))
            Over(strike);
        _marks.Add(new Mark("start", $"start {node.Site}", Seconds(node.Started)));
    }

    // Who ended without being struck is told before it is started again, or struck as if it ran.
    private void NoteDeaths(IEnumerable<ClusterNode> nodes) => _deaths.AddRange(
        nodes.Where(n => n.EndedByItself).Select(n => $"{n.Site} does not run, though nothing ended it: {n.Standing()}"));

    // Where no process runs, or nothing is left to do, a strike disturbs nobody.
    private void Count(IStep step, IReadOnlyList<ClusterNode> nodes)
    {
        int met = Ended() is null ? nodes.Count(n => n.IsRunning) : 0;
        _counts = _counts.With(step, met, nodes.Count - met);
    }

    private Strike Struck(string what, IReadOnlyList<ClusterNode> nodes, bool ofDatabase = false)
    {
        var strike = new Strike(what, nodes, _clock.GetUtcNow(), Progress(_lastRound), _lastRound)
        {
            OfDatabase = ofDatabase,
            OfCoordinator = nodes.Contains(_cluster.Coordinator()),
        };
        _strikes.Add(strike);
        _marks.Add(new Mark("fault", what, Seconds(strike.At)));
        return strike;
    }

    // From here on whoever was struck can work again; when each does is for itself to say.
    private void Over(Strike strike)
    {
        strike.RecoversFrom = _clock.GetUtcNow();
        foreach (var node in strike.Nodes.Where(_ => !strike.OfDatabase))
            _recoveries.Add(RecoverAsync(strike, node));
    }

    private async Task RecoverAsync(Strike strike, ClusterNode node)
    {
        long begun = _clock.GetTimestamp();
        await new RecoveryWatch(_cluster, _name, _scenario.Setting.Rounds).WaitAsync(node, _watching.Token);
        strike.Recovered[node] = _clock.GetElapsedTime(begun).TotalSeconds;
    }

    // The end of this federation in the journal: later than all that was there before it was submitted.
    private string? Ended() => _cluster.Journal.Events("federation").FirstOrDefault(e => e.Number > _before && e.Manifest is ("f.eval" or "f.fail" or "f.stop")) switch
    {
        null => null,
        { Manifest: "f.eval" } => "complete",
        _ => "failed",
    };

    private async Task EndAsync(CancellationToken cancel)
    {
        while (Ended() is null)
            await Task.Delay(AskEvery, _clock, cancel);
        Report ??= await _cluster.ReportAsync(cancel);
    }

    private string Standing() => Ended() is { } end
        ? $"the federation is {end}, but no server gives its report."
        : $"the federation has not ended: {string.Join("; ", Enumerable.Range(1, _scenario.Setting.Rounds).Select(r => (Number: r, Progress: Progress(r))).Where(r => r.Number == 1 || r.Progress.Events > 0).TakeLast(2).Select(r => $"round {r.Number} is {r.Progress}"))}.";

    private string StoppedNodes() => string.Join(" ", _cluster.Nodes.Where(n => n is { IsRunning: false, EndedByItself: false }).Select(n => $"{n.Site} does not run: {n.Standing()}"));

    private async Task<ScenarioResult> ResultAsync(string problem, Report? expected, Stopwatch watch, CancellationToken cancel)
    {
        if (problem.Length == 0 && !_scenario.ExpectsFailure && Report is not { IsCompleted: true })
            problem = $"The federation ended without a model: {Report?.Cause}";
        string difference = Report is null || expected is null ? "" : Comparison.Difference(expected, Report);
        NoteDeaths(_cluster.Nodes);
        // A node that is still lost cannot tidy up, nor say what it has done; it does when it comes back.
        foreach (var node in _cluster.Nodes)
            node.Start();
        var left = await TidyAsync(cancel);
        var counters = await WorkCounters.ReadAsync(_cluster, _name, _scenario, Report, cancel);
        _watching.CancelAfter(TogetherWithin);
        await Task.WhenAll(_recoveries).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var broken = _recoveries.Where(r => r.IsFaulted).Select(r => $"The watch over a node broke: {r.Exception!.GetBaseException().GetType().Name}: {r.Exception.GetBaseException().Message}").Distinct();
        string[] problems = [problem, .. _deaths.Distinct(), .. NeverRecovered(), .. broken, counters.Unreadable];
        problems = [.. problems.Where(t => t.Length > 0)];
        if (problems.Length == 0 && await _cluster.SettleAsync(TogetherWithin, cancel) is { Length: > 0 } missing)
            problems = [$"The cluster does not come together again: {missing}"];
        Draw();
        return new ScenarioResult(_scenario)
        {
            Survived = problems.Length == 0,
            HashEqual = Report is not null && difference.Length == 0,
            Retrained = counters.Retrained,
            NextEventSeconds = Longest(NextEvent),
            AsksSeconds = Longest(Asks),
            RecoverySeconds = Longest(Recovery),
            Cause = string.Join(" ", [.. problems, .. new[] { difference, counters.Details }.Where(t => t.Length > 0)]),
            LeftOver = [.. left],
            Strikes = _counts,
            Struck = [.. _strikes.Select(s => $"{s.What} at round {s.Round}: {s.Standing}")],
            Seconds = Math.Round(watch.Elapsed.TotalSeconds, 1),
            Timeline = new Timeline([.. _spans], [.. _marks]),
        };
    }

    // Whose strike is over, and who works no more; that a database works again, the federation's end has shown.
    private IEnumerable<string> NeverRecovered() =>
        from strike in _strikes
        where strike.RecoversFrom is not null && !strike.OfDatabase
        from node in strike.Nodes
        where !strike.Recovered.ContainsKey(node)
        group strike by node into lost
        select $"{lost.Key.Site} never worked again after \"{lost.Last().What}\": {lost.Key.Standing()}";

    private async Task<IReadOnlyList<string>> TidyAsync(CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            List<string> left = [.. LeftOvers.Files(_cluster.Nodes), .. _cluster.StrayProcesses().Select(p => $"process {p}")];
            if (left.Count == 0 || watch.Elapsed > TidyWithin || Report is null)
                return left;
            await Task.Delay(AskEvery, _clock, cancel);
        }
    }

    private double? Longest(Func<Strike, double?> recovery) => _strikes.Select(recovery).Max() is { } seconds ? Math.Round(seconds, 2) : null;

    // Until the last of those who were struck worked again. A coordinator does not before it has asked for what is missing.
    private double? Recovery(Strike strike) => strike.OfDatabase || strike.RecoversFrom is null
        ? NextEvent(strike)
        : strike.Nodes.Select(n => strike.Recovered.TryGetValue(n, out double seconds) ? seconds : (double?)null)
            .Append(Asks(strike))
            .Max();

    private double? NextEvent(Strike strike) => strike.RecoversFrom is { } from
        ? Stories().SelectMany(s => s.Events).Where(e => e.Stored > from).Select(e => (double?)(e.Stored - from).TotalSeconds).Min()
        : null;

    private double? Asks(Strike strike) => strike.RecoversFrom is { } from
        ? (strike.OfCoordinator ? _cluster.Servers : [])
            .SelectMany(n => LogLine.Of(n.Work, "goes on in phase"))
            .Where(l => l.At > from && l.Round.StartsWith($"{_name}/", StringComparison.Ordinal))
            .Select(l => (double?)(l.At - from).TotalSeconds)
            .Min()
        : null;

    private IEnumerable<(string Title, IReadOnlyList<JournalEvent> Events)> Stories() =>
    [
        ("federation", [.. _cluster.Journal.Events("federation").Where(e => e.Number > _before && e.Stored >= _begin)]),
        .. Enumerable.Range(1, _scenario.Setting.Rounds).Select(r => ($"round {r}", _cluster.Journal.Events($"{_name}/{r}"))),
    ];

    private void Draw()
    {
        foreach (var (title, events) in Stories())
        {
            var phases = events.Where(e => RoundProgress.PhaseBegunBy(e.Manifest) is not null).ToList();
            foreach (var (from, to) in phases.Zip(phases.Skip(1)))
                _spans.Add(new Span(RoundProgress.PhaseBegunBy(from.Manifest)!.Value.ToString(), title, Seconds(from.Stored), Seconds(to.Stored)));
            _marks.AddRange(events.Select(e => new Mark("event", $"{title}: {e.Manifest}", Seconds(e.Stored))));
        }

        foreach (var strike in _strikes.Where(s => s.RecoversFrom is not null))
        {
            _spans.Add(new Span("fault", strike.What, Seconds(strike.At), Seconds(strike.RecoversFrom!.Value)));
            if (Recovery(strike) is { } seconds)
                _marks.Add(new Mark("recovered", $"recovered from {strike.What}", Seconds(strike.RecoversFrom!.Value) + seconds));
        }
    }

    private double Seconds(DateTimeOffset at) => Math.Round((at - _begin).TotalSeconds, 3);

    /// <summary>Something was struck.</summary>
    /// <param name="What">As the scenario says it.</param>
    /// <param name="Nodes">The nodes that were struck.</param>
    /// <param name="At">When.</param>
    /// <param name="Standing">Where the round stood right after: events of one batch cannot be told apart.</param>
    /// <param name="Round">Which round that is.</param>
    private sealed record Strike(string What, IReadOnlyList<ClusterNode> Nodes, DateTimeOffset At, RoundProgress Standing, int Round)
    {
        /// <summary>When it was over; null before.</summary>
        public DateTimeOffset? RecoversFrom { get; set; }

        /// <summary>Whether it was the journal's database that was struck: what waits for it works again when it stores something.</summary>
        public bool OfDatabase { get; init; }

        /// <summary>Whether the coordinator was among them.</summary>
        public bool OfCoordinator { get; init; }

        /// <summary>How long each node took until it worked again, s.</summary>
        public ConcurrentDictionary<ClusterNode, double> Recovered { get; } = [];
    }

    private sealed class Frozen(IReadOnlyList<ClusterNode> nodes) : IAsyncDisposable
    {
        public static Frozen Now(IReadOnlyList<ClusterNode> nodes)
        {
            foreach (var node in nodes)
                node.Send(Signal.Stop);
            return new Frozen(nodes);
        }

        public ValueTask DisposeAsync()
        {
            foreach (var node in nodes)
                node.Send(Signal.Continue);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class ScenarioFailure(string message) : Exception(message);
}
