using System.Diagnostics;
using System.Text.Json.Nodes;
using FedKim.Chaos.Faults;
using FedKim.Chaos.Results;
using FedKim.Chaos.Scenarios;
using FedKim.Node.Configuration;
using FedKim.Rounds;

namespace FedKim.Chaos.Running;

/// <summary>One scenario on a cluster: submits its federation, does what its steps say, and looks what became of it.</summary>
internal sealed class ScenarioRun
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TidyWithin = TimeSpan.FromSeconds(40);

    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly RunningCluster _cluster;
    private readonly Scenario _scenario;
    private readonly string _name;

    // How long the federation may take with all that is done to it.
    private readonly TimeSpan _patience;
    private readonly List<Strike> _strikes = [];
    private readonly List<Task> _lasting = [];
    private readonly List<Span> _spans = [];
    private readonly List<Mark> _marks = [];
    private DateTimeOffset _begin;
    private long _before;
    private int _lastRound = 1;

    /// <param name="cluster">A cluster that is settled.</param>
    /// <param name="scenario">What to do.</param>
    /// <param name="name">A name that no federation of the cluster has yet.</param>
    public ScenarioRun(RunningCluster cluster, Scenario scenario, string name) =>
        (_cluster, _scenario, _name, _patience) = (cluster, scenario, name, TimeSpan.FromSeconds(scenario.Setting.Federation == Setting.Demo ? 600 : 240));

    /// <summary>The federation's report; null while it has not ended.</summary>
    public JsonNode? Report { get; private set; }

    /// <summary>Runs the scenario to its end.</summary>
    /// <param name="seed">The federation's seed.</param>
    /// <param name="expected">Report of the undisturbed run; null when this is one.</param>
    /// <param name="cancel">Gives the scenario up.</param>
    /// <exception cref="NotRunnableException">This machine lacks what a step needs.</exception>
    public async Task<ScenarioResult> RunAsync(long seed, JsonNode? expected, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        _before = _cluster.Journal.Events("federation").LastOrDefault()?.Number ?? 0;
        _begin = _clock.GetUtcNow();
        string problem = "";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_patience);
        try
        {
            await _cluster.SubmitAsync(TrialPlan.Text(_scenario.Setting.Federation, _name, seed, _scenario.Setting.Deadline), limit.Token);
            foreach (var step in _scenario.Steps)
                await DoAsync(step, limit.Token);
            await Task.WhenAll(_lasting);
            await EndAsync(limit.Token);
        }
        catch (Exception e) when (e is ScenarioFailure or ScenarioException or TimeoutException)
        {
            problem = e.Message;
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
                await StrikeAsync($"kill {s.Node}", s.Node, node => node.KillAsync());
                break;
            case Steps.Terminate s:
                await StrikeAsync($"terminate {s.Node}", s.Node, node => node.TerminateAsync());
                break;
            case Steps.Start s:
                foreach (var node in s.Nodes.SelectMany(_cluster.Named))
                    Start(node);
                break;
            case Steps.Damage s:
                DamageFile(s);
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
                if (!Report!["rounds"]![s.Round - 1]!["dropped"]!.AsArray().Any(d => (string?)d!["client"] == s.Site))
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
                return rows?.Any(r => (injector || r["client"].ToString() == m.Site) && r["activity"].ToString() == m.Activity) == true;
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

    private async Task StrikeAsync(string what, string name, Func<NodeProcess, Task> strike)
    {
        var nodes = _cluster.Named(name);
        await Task.WhenAll(nodes.Select(strike));
        var struck = Struck(what, nodes);
        // Where other servers are left, they need not wait for this one to come back.
        if (nodes.All(n => n.Plan.Role == NodeRoles.Server) && _cluster.Servers.Any(s => s.IsRunning))
            Over(struck);
    }

    /// <summary>Begins what lasts.</summary>
    /// <returns>Its end.</returns>
    private async Task<Task> BeginAsync(ILastingStep step, CancellationToken cancel)
    {
        var nodes = _cluster.Named(step.Node);
        IAsyncDisposable disturbance = step switch
        {
            Steps.Freeze => Frozen.Now(nodes),
            Steps.LockJournal => _cluster.Journal.Lock(),
            Steps.StopDatabase s => await _cluster.Journal.StopAsync(s.Crash),
            _ => await _cluster.Surroundings.DisturbAsync(step, nodes, cancel),
        };
        return PassAsync(Struck($"{step}", nodes), step.Time, disturbance, cancel);
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

    private void DamageFile(Steps.Damage step)
    {
        var node = _cluster.Named(step.Node)[0];
        string damaged = FileDamage.Flip(node.Work, step.File) ?? throw new ScenarioFailure($"{step.Node} has no {step.File} to damage now.");
        _marks.Add(new Mark("fault", $"{step}: {Path.GetRelativePath(node.Work, damaged)}", Seconds(_clock.GetUtcNow())));
    }

    private void Start(NodeProcess node)
    {
        node.Start();
        foreach (var strike in _strikes.Where(s => s.RecoversFrom is null && s.Nodes.Contains(node)))
            Over(strike);
        _marks.Add(new Mark("start", $"start {node.Site}", Seconds(node.Started)));
    }

    private Strike Struck(string what, IReadOnlyList<NodeProcess> nodes)
    {
        var strike = new Strike(what, nodes, _clock.GetUtcNow(), Progress(_lastRound), _lastRound);
        _strikes.Add(strike);
        _marks.Add(new Mark("fault", what, Seconds(strike.At)));
        return strike;
    }

    private void Over(Strike strike) => strike.RecoversFrom = _clock.GetUtcNow();

    // The end of this federation in the journal: later than all that was there before it was submitted.
    private string? Ended() => _cluster.Journal.Events("federation").FirstOrDefault(e => e.Number > _before && e.Manifest is ("f.eval" or "f.fail")) switch
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
        : $"the federation has not ended: round 1 is {Progress(1)}; round 2 is {Progress(2)}.";

    private string StoppedNodes() => string.Join(" ", _cluster.Nodes.Where(n => !n.IsRunning).Select(n => $"{n.Site} does not run (exit code {n.ExitCode}): {n.LastLines()}"));

    private async Task<ScenarioResult> ResultAsync(string problem, JsonNode? expected, Stopwatch watch, CancellationToken cancel)
    {
        if (problem.Length == 0 && (string?)Report?["phase"] != "Completed")
            problem = $"The federation ended without a model: {(string?)Report?["cause"]}";
        string difference = Report is null || expected is null ? "" : Comparison.Difference(expected, Report);
        var (again, details) = Retrained();
        // A node that is still lost cannot tidy up; it does when it comes back.
        foreach (var node in _cluster.Nodes)
            node.Start();
        var left = await TidyAsync(cancel);
        var (next, asks) = (Longest(NextEvent), Longest(Asks));
        Draw();
        return new ScenarioResult(_scenario)
        {
            Survived = problem.Length == 0,
            HashEqual = Report is not null && difference.Length == 0,
            Retrained = again,
            NextEventSeconds = next,
            AsksSeconds = asks,
            RecoverySeconds = asks ?? next,
            Cause = string.Join(" ", new[] { problem, difference, details }.Where(t => t.Length > 0)),
            LeftOver = [.. left],
            Struck = [.. _strikes.Select(s => $"{s.What} at round {s.Round}: {s.Standing}")],
            Seconds = Math.Round(watch.Elapsed.TotalSeconds, 1),
            Timeline = new Timeline([.. _spans], [.. _marks]),
        };
    }

    // Counted at the clients: each says in its own log when it has trained and what it has sent.
    private (int Count, string Details) Retrained()
    {
        var problems = new List<string>();
        foreach (var hospital in _cluster.Hospitals)
        {
            foreach (var round in LogLine.Of(hospital.Work, $"\"{_name}/").Where(l => l.Round.Length > 0).GroupBy(l => l.Round))
            {
                int trained = round.Count(l => l.Text.EndsWith($"{hospital.Site} has trained", StringComparison.Ordinal));
                var sent = round.Where(l => l.Text.Contains($"{hospital.Site} has sent ", StringComparison.Ordinal)).ToList();
                bool damaged = _scenario.Steps.OfType<Steps.Damage>().Any(d => d.Node == hospital.Site);
                if (trained > 1 && !damaged)
                    problems.Add($"{hospital.Site} trained {trained} times for {round.Key}.");
                // Nodes whose clocks were set cannot be compared by time.
                if (!_scenario.Steps.Any(s => s is Steps.MoveClock) && Accepted(hospital.Site, round.Key) is { } at && sent.Count(l => l.At > at) is > 0 and var late)
                    problems.Add($"{hospital.Site} sent its update for {round.Key} {late} times after it was accepted.");
            }
        }

        return (problems.Count, string.Join(" ", problems));
    }

    private DateTimeOffset? Accepted(string site, string round) => _cluster.Journal.Events(round).FirstOrDefault(e => e.Client == site)?.Stored;

    private async Task<IReadOnlyList<string>> TidyAsync(CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        // Who is still lost comes back, and clears away what it holds.
        foreach (var node in _cluster.Nodes.Where(_ => Report is not null))
            node.Start();
        while (true)
        {
            List<string> left = [.. LeftOvers.Files(_cluster.Nodes), .. _cluster.StrayProcesses().Select(p => $"process {p}")];
            if (left.Count == 0 || watch.Elapsed > TidyWithin || Report is null)
                return left;
            await Task.Delay(AskEvery, _clock, cancel);
        }
    }

    private double? Longest(Func<Strike, double?> recovery) => _strikes.Select(recovery).Max() is { } seconds ? Math.Round(seconds, 2) : null;

    private double? NextEvent(Strike strike) => strike.RecoversFrom is { } from
        ? Stories().SelectMany(s => s.Events).Where(e => e.Stored > from).Select(e => (double?)(e.Stored - from).TotalSeconds).Min()
        : null;

    private double? Asks(Strike strike) => strike.RecoversFrom is { } from
        ? (strike.Nodes.Any(n => n.Plan.Role == NodeRoles.Server) ? _cluster.Servers : [])
            .SelectMany(n => LogLine.Of(n.Work, "goes on in phase"))
            .Where(l => l.At > from && l.Round.StartsWith($"{_name}/", StringComparison.Ordinal))
            .Select(l => (double?)(l.At - from).TotalSeconds)
            .Min()
        : null;

    private IEnumerable<(string Title, IReadOnlyList<JournalEvent> Events)> Stories() =>
    [
        ("federation", [.. _cluster.Journal.Events("federation").Where(e => e.Number > _before && e.Stored >= _begin)]),
        .. Enumerable.Range(1, 2).Select(r => ($"round {r}", _cluster.Journal.Events($"{_name}/{r}"))),
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
            if ((Asks(strike) ?? NextEvent(strike)) is { } seconds)
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
    private sealed record Strike(string What, IReadOnlyList<NodeProcess> Nodes, DateTimeOffset At, RoundProgress Standing, int Round)
    {
        /// <summary>When it was over; null before.</summary>
        public DateTimeOffset? RecoversFrom { get; set; }
    }

    private sealed class Frozen(IReadOnlyList<NodeProcess> nodes) : IAsyncDisposable
    {
        public static Frozen Now(IReadOnlyList<NodeProcess> nodes)
        {
            foreach (var node in nodes)
                Signal.Stop.Send(node.Pid);
            return new Frozen(nodes);
        }

        public ValueTask DisposeAsync()
        {
            foreach (var node in nodes)
                Signal.Continue.Send(node.Pid);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class ScenarioFailure(string message) : Exception(message);
}
