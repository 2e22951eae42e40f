using System.Collections.Concurrent;
using FedKim.Chaos.Results;
using FedKim.Chaos.Scenarios;

namespace FedKim.Chaos.Running;

/// <summary>What was done to a federation's cluster, and how soon whoever was struck worked again.</summary>
/// <param name="story">The federation.</param>
internal sealed class StrikeLog(FederationStory story)
{
    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly List<DealtStrike> _strikes = [];
    private readonly List<string> _deaths = [];
    private readonly List<Mark> _marks = [];
    private readonly ConcurrentBag<Task> _recoveries = [];
    private readonly CancellationTokenSource _watching = new();

    /// <summary>The federation.</summary>
    public FederationStory Story => story;

    /// <summary>How many strikes met a process that ran, and how many none.</summary>
    public StrikeCounts Counts { get; private set; } = StrikeCounts.None;

    /// <summary>Every strike, for people.</summary>
    public IEnumerable<string> Told => _strikes.Select(s => $"{s.What} at round {s.Round}: {s.Standing}");

    /// <summary>The longest time until an event was stored again, s; null where nothing was struck.</summary>
    public double? NextEventSeconds => Longest(NextEvent);

    /// <summary>The longest time until a new coordinator asked for what was missing, s.</summary>
    public double? AsksSeconds => Longest(Asks);

    /// <summary>The longest time until all who were struck worked again, s.</summary>
    public double? RecoverySeconds => Longest(Recovery);

    /// <summary>Where no process runs, or nothing is left to do, a strike disturbs nobody.</summary>
    public void Count(IStep step, IReadOnlyList<ClusterNode> nodes)
    {
        int met = story.Ended() is null ? nodes.Count(n => n.IsRunning) : 0;
        Counts = Counts.With(step, met, nodes.Count - met);
    }

    /// <summary>Notes a strike that was dealt just now.</summary>
    public DealtStrike Deal(string what, IReadOnlyList<ClusterNode> nodes, int round, bool ofDatabase)
    {
        var strike = new DealtStrike(what, nodes, _clock.GetUtcNow(), story.Progress(round), round)
        {
            OfDatabase = ofDatabase,
            OfCoordinator = nodes.Contains(story.Cluster.Coordinator()),
        };
        _strikes.Add(strike);
        _marks.Add(new Mark("fault", what, story.Seconds(strike.At)));
        return strike;
    }

    /// <summary>From here on whoever was struck can work again; when each does is for itself to say.</summary>
    public void Over(DealtStrike strike)
    {
        strike.RecoversFrom = _clock.GetUtcNow();
        foreach (var node in strike.Nodes.Where(_ => !strike.OfDatabase))
            _recoveries.Add(RecoverAsync(strike, node));
    }

    /// <summary>Starts a node, which ends what struck it.</summary>
    public void Start(ClusterNode node)
    {
        NoteDeaths([node]);
        node.Start();
        foreach (var strike in _strikes.Where(s => s.RecoversFrom is null && s.Nodes.Contains(node)))
            Over(strike);
        _marks.Add(new Mark("start", $"start {node.Site}", story.Seconds(node.Started)));
    }

    /// <summary>Notes who ended without being struck, before it is started again or struck as if it ran.</summary>
    public void NoteDeaths(IEnumerable<ClusterNode> nodes) => _deaths.AddRange(
        nodes.Where(n => n.EndedByItself).Select(n => $"{n.Site} does not run, though nothing ended it: {n.Standing()}"));

    /// <summary>Notes what happens now.</summary>
    public void Mark(string kind, string text) => _marks.Add(new Mark(kind, text, story.Seconds(_clock.GetUtcNow())));

    /// <summary>Waits no longer for anybody.</summary>
    public void GiveUp() => _watching.Cancel();

    /// <summary>Waits until all whose strike is over work again, or for so long.</summary>
    public async Task RecoveriesAsync(TimeSpan within)
    {
        _watching.CancelAfter(within);
        await Task.WhenAll(_recoveries).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Who died unstruck, who never worked again, and whose watch broke.</summary>
    public IEnumerable<string> Problems() =>
    [
        .. _deaths.Distinct(),
        .. NeverRecovered(),
        .. _recoveries.Where(r => r.IsFaulted)
            .Select(r => $"The watch over a node broke: {r.Exception!.GetBaseException().GetType().Name}: {r.Exception.GetBaseException().Message}").Distinct(),
    ];

    /// <summary>The federation's phases with what was done to it.</summary>
    public Timeline Drawn()
    {
        var (spans, marks) = (new List<Span>(), new List<Mark>(_marks));
        foreach (var (title, events) in story.Parts())
        {
            var phases = events.Where(e => RoundProgress.PhaseBegunBy(e.Manifest) is not null).ToList();
            foreach (var (from, to) in phases.Zip(phases.Skip(1)))
                spans.Add(new Span(RoundProgress.PhaseBegunBy(from.Manifest)!.Value.ToString(), title, story.Seconds(from.Stored), story.Seconds(to.Stored)));
            marks.AddRange(events.Select(e => new Mark("event", $"{title}: {e.Manifest}", story.Seconds(e.Stored))));
        }

        foreach (var strike in _strikes.Where(s => s.RecoversFrom is not null))
        {
            spans.Add(new Span("fault", strike.What, story.Seconds(strike.At), story.Seconds(strike.RecoversFrom!.Value)));
            if (Recovery(strike) is { } seconds)
                marks.Add(new Mark("recovered", $"recovered from {strike.What}", story.Seconds(strike.RecoversFrom!.Value) + seconds));
        }

        return new Timeline([.. spans], [.. marks]);
    }

    private async Task RecoverAsync(DealtStrike strike, ClusterNode node)
    {
        long begun = _clock.GetTimestamp();
        await new RecoveryWatch(story.Cluster, story.Name, story.Rounds).WaitAsync(node, _watching.Token);
        strike.Recovered[node] = _clock.GetElapsedTime(begun).TotalSeconds;
    }

    // Whose strike is over, and who works no more; that a database works again, the federation's end has shown.
    private IEnumerable<string> NeverRecovered() =>
        from strike in _strikes
        where strike.RecoversFrom is not null && !strike.OfDatabase
        from node in strike.Nodes
        where !strike.Recovered.ContainsKey(node)
        group strike by node into lost
        select $"{lost.Key.Site} never worked again after \"{lost.Last().What}\": {lost.Key.Standing()}";

    private double? Longest(Func<DealtStrike, double?> recovery) => _strikes.Select(recovery).Max() is { } seconds ? Math.Round(seconds, 2) : null;

    // Until the last of those who were struck worked again. A coordinator does not before it has asked for what is missing.
    private double? Recovery(DealtStrike strike) => strike.OfDatabase || strike.RecoversFrom is null
        ? NextEvent(strike)
        : strike.Nodes.Select(n => strike.Recovered.TryGetValue(n, out double seconds) ? seconds : (double?)null)
            .Append(Asks(strike))
            .Max();

    private double? NextEvent(DealtStrike strike) => strike.RecoversFrom is { } from
        ? story.Parts().SelectMany(s => s.Events).Where(e => e.Stored > from).Select(e => (double?)(e.Stored - from).TotalSeconds).Min()
        : null;

    private double? Asks(DealtStrike strike) => strike.RecoversFrom is { } from
        ? (strike.OfCoordinator ? story.Cluster.Servers : [])
            .SelectMany(n => LogLine.Of(n.Work, "goes on in phase"))
            .Where(l => l.At > from && l.Round.StartsWith($"{story.Name}/", StringComparison.Ordinal))
            .Select(l => (double?)(l.At - from).TotalSeconds)
            .Min()
        : null;
}
