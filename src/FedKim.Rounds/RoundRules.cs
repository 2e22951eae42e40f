using System.Collections.Immutable;
using static FedKim.Rounds.RoundCommands;
using static FedKim.Rounds.RoundEvents;

namespace FedKim.Rounds;

/// <summary>
/// The round protocol: Opened → Training → Aggregating → Injecting → Publishing → Committed, or Failed with a cause.
/// Pure: no clock, no files, no randomness. Replaying a journal gives the live state.
/// </summary>
public static class RoundRules
{
    /// <summary>Injections that may break before the round fails.</summary>
    public const int InjectionAttempts = 3;

    /// <summary>Why a client that had not answered at the deadline is left out.</summary>
    public const string MissedDeadline = "no update before the deadline";

    /// <summary>Why a site is left out that an operator has excluded.</summary>
    public const string Excluded = "excluded by an operator";

    /// <summary>
    /// The events that <paramref name="command"/> causes; none if it changes nothing. A journal may end after any of them: a crash in
    /// between leaves a state in which saying <see cref="Open"/> again causes the rest.
    /// </summary>
    public static ImmutableArray<IRoundEvent> Decide(Round round, IRoundCommand command, DateTimeOffset now) => (round.Phase, command) switch
    {
        (Phase.Opened, Open { GivenUp.Length: > 0 } c) when !round.Exists => [Begin(c, now), new Failed(c.GivenUp, now)],
        (Phase.Opened, Open { Paused: true }) when !round.Exists => [],
        (Phase.Opened, Open c) when !round.Exists =>
            Collect(round, [Begin(c, now), new TrainingStarted(now)], now),
        (_, Open c) when c.Paused != round.Paused && !round.HasEnded => Then(round, c.Paused ? new Paused(now) : new Continued(now), c, now),
        (Phase.Opened, Open c) => Collect(round, [new TrainingStarted(now), .. Without(round, c, now)], now),
        _ when !round.Exists => [],
        (_, TakeOver c) when c.Epoch > round.Epoch && !round.HasEnded => [new TakenOver(c.Epoch, c.Node, now)],
        (_, Skip or PassDeadline) when round.Paused => [],

        (Phase.Training, Open c) => Collect(round, [.. Without(round, c, now)], now),
        (Phase.Training, Contribute c) when round.Misses(c.Client) =>
            Collect(round, [new ContributionAccepted(c.Client, c.Update, c.Samples, c.Loss, now, c.Data)], now),
        (Phase.Training, Drop c) when round.Misses(c.Client) =>
            Collect(round, [new ClientDropped(c.Client, c.Reason, now)], now),
        (Phase.Training, Skip c) => Pass(round, [.. round.Missing.Where(c.Silent.ToHashSet().Contains).Select(s => new ClientDropped(s, Silent(c.For), now))], now),
        (Phase.Training, PassDeadline { Phase: Phase.Training }) =>
            Collect(round, [.. round.Missing.Select(c => new ClientDropped(c, MissedDeadline, now))], now),

        (Phase.Aggregating, RecordAggregate c) => [new AggregateComputed(c.Aggregate, now)],

        (Phase.Injecting, Open) => TryAgain(round, [], now),
        (Phase.Injecting, RecordInjection c) when c.Aggregate == round.Aggregate => [new Injected(c.GlobalModel, c.Adapter, c.Loss, now)],
        (Phase.Injecting, RecordInjectionFailure c) when c.Aggregate == round.Aggregate && c.Attempt == round.InjectionFailures + 1 =>
            TryAgain(round, [new InjectionFailed(c.Attempt, c.Reason, now)], now),

        (Phase.Publishing, RecordPublication) => [new Committed(now)],

        (Phase.Aggregating or Phase.Injecting or Phase.Publishing, PassDeadline c) when c.Phase == round.Phase =>
            [new Failed(Late(round.Phase), now)],
        (_, Abandon c) when !round.HasEnded => [new Failed(c.Cause, now)],
        (Phase.Failed, Reopen c) when c.Attempt > round.Reopenings => Collect(round, [Begin(round, c, now)], now),
        _ => [],
    };

    /// <summary>The round after an event. Total and clock-free.</summary>
    public static Round Apply(Round round, IRoundEvent e) => Timed(round, After(round, e), e);

    private static Round After(Round round, IRoundEvent e) => e switch
    {
        Opened o => Enter(Phase.Opened, e, round with
        {
            Exists = true,
            StartModel = o.GlobalModel,
            StartAdapter = o.Adapter,
            Moments = o.Moments,
            Invited = o.Invited,
            LeftOut = o.LeftOut.ToImmutableSortedDictionary(l => l.Site, l => l),
            Known = o.Known.ToImmutableSortedDictionary(k => k.Site, k => k.Samples),
            Quorum = o.Quorum,
            QuorumShare = o.QuorumShare,
        }),
        TakenOver t => round with { Epoch = t.Epoch },
        Paused or Continued => round with { Paused = e is Paused },
        TrainingStarted => Enter(Phase.Training, e, round),
        ContributionAccepted c => round with
        {
            Accepted = round.Accepted.SetItem(c.Client, new Contribution(c.Update, c.Samples, c.Loss, c.Data)),
            Contributors = round.Contributors.SetItem(c.Update, c.Client),
        },
        ClientDropped d => round with { Dropped = round.Dropped.SetItem(d.Client, d.Reason) },
        CollectionClosed => Enter(Phase.Aggregating, e, round),
        AggregateComputed a => Enter(Phase.Injecting, e, round with { Aggregate = a.Aggregate }),
        InjectionFailed f => round with { InjectionFailures = f.Attempt, InjectionProblem = f.Reason },
        Injected i => Enter(Phase.Publishing, e, round with { GlobalModel = i.GlobalModel, Adapter = i.Adapter, InjectionLoss = i.Loss }),
        Committed => Enter(Phase.Committed, e, round),
        Failed f => Enter(Phase.Failed, e, round with { Cause = f.Cause }),
        Reopened r => Enter(Phase.Training, e, Again(round, r)),
        _ => throw new ArgumentOutOfRangeException(nameof(e), e, "An event of another journal."),
    };

    // As it was when the training began, but for what counts already.
    private static Round Again(Round round, Reopened r)
    {
        var kept = round.Accepted.RemoveRange(round.Accepted.Keys.Except(r.Kept));
        return new Round(round.Id)
        {
            Exists = true,
            Epoch = round.Epoch,
            Reopenings = r.Attempt,
            Paused = round.Paused,
            StartModel = round.StartModel,
            StartAdapter = round.StartAdapter,
            Moments = round.Moments,
            Invited = r.Invited.IsEmpty ? round.Invited : r.Invited,
            LeftOut = r.Invited.IsEmpty ? round.LeftOut : r.LeftOut.ToImmutableSortedDictionary(l => l.Site, l => l),
            Known = r.Invited.IsEmpty ? round.Known : r.Known.ToImmutableSortedDictionary(k => k.Site, k => k.Samples),
            Quorum = round.Quorum,
            QuorumShare = round.QuorumShare,
            Accepted = kept,
            Contributors = ImmutableDictionary<Digest, ClientId>.Empty.SetItems(kept.Select(a => KeyValuePair.Create(a.Value.Update, a.Key))),
            Began = round.Began.RemoveRange(round.Began.Keys.Where(p => p != Phase.Opened)),
        };
    }

    /// <summary>What the world must be told in this state. Asked after every event and after recovery, so nothing is lost in a crash.</summary>
    public static ImmutableArray<IRoundEffect> React(Round round) => round switch
    {
        { Exists: false } => [],
        { Phase: Phase.Training } => [new RoundEffects.RequestUpdates(round)],
        { Phase: Phase.Aggregating } => [RoundEffects.Aggregate.Of(round)],
        { Phase: Phase.Injecting, Aggregate: { } aggregate } =>
            [new RoundEffects.RequestInjection(aggregate, round.StartAdapter, round.InjectionFailures + 1)],
        { Phase: Phase.Publishing, GlobalModel: { } model, Adapter: { } adapter } => [new RoundEffects.Publish(model, adapter)],
        { HasEnded: true } => [new RoundEffects.AnnounceEnd()],
        _ => [],
    };

    // The collection closes with the last awaited client: with a quorum the round goes on. As soon as none is possible any more it fails, with
    // the first event after which it is not: nobody trains for a round that cannot come to a result.
    private static ImmutableArray<IRoundEvent> Collect(Round round, ImmutableArray<IRoundEvent> events, DateTimeOffset now)
    {
        var after = round;
        for (int i = 0; i < events.Length; i++)
        {
            after = Apply(after, events[i]);
            if (after.Phase is Phase.Training && !after.CanHaveQuorum)
                return [.. events.Take(i + 1), new Failed(NoQuorum(after), now)];
        }

        if (!after.CanHaveQuorum)
            return events.Add(new Failed(NoQuorum(after), now));
        return after.MissingCount > 0 ? events : events.Add(new CollectionClosed(now));
    }

    private static ImmutableArray<IRoundEvent> Then(Round round, IRoundEvent first, IRoundCommand command, DateTimeOffset now) =>
        [first, .. Decide(Apply(round, first), command, now)];

    private static Opened Begin(Open c, DateTimeOffset now) => new(c.GlobalModel, c.Adapter, c.Moments, [.. c.Invited.Order()], c.Quorum, now)
    {
        LeftOut = c.LeftOut,
        Known = c.Known,
        QuorumShare = c.QuorumShare,
    };

    private static Reopened Begin(Round round, Reopen c, DateTimeOffset now) => new(c.Attempt, [.. c.Kept.Where(round.Accepted.ContainsKey).Order()], now)
    {
        Invited = [.. c.Invited.Order()],
        LeftOut = c.LeftOut,
        Known = c.Known,
    };

    private static IEnumerable<IRoundEvent> Without(Round round, Open c, DateTimeOffset now) =>
        round.Missing.Where(c.Excluded.ToHashSet().Contains).Select(s => new ClientDropped(s, Excluded, now));

    // Whom the quorum needs is waited for until the deadline.
    private static ImmutableArray<IRoundEvent> Pass(Round round, ImmutableArray<IRoundEvent> silent, DateTimeOffset now) =>
        silent.IsEmpty || !silent.Aggregate(round, Apply).CanExpectQuorum ? [] : Collect(round, silent, now);

    /// <summary>That a site is not heard, in words.</summary>
    internal static string Silent(TimeSpan since) => since.TotalSeconds < 120 ? $"silent for {since.TotalSeconds:0} s" : $"silent for {since.TotalMinutes:0} min";

    private static string NoQuorum(Round round) =>
        ($"{round.Accepted.Count} of {round.Invited.Length} sites contributed, the quorum is {round.Quorum}{NoShare(round)}. "
        + string.Join("; ", round.Dropped.Select(d => $"{d.Key}: {d.Value}").Concat(round.Missing.Select(c => $"{c}: no update")))).TrimEnd();

    private static string NoShare(Round round) => round.QuorumShare <= 0 || round.MissingCount > 0 || SampleShare.Of(round) >= round.QuorumShare ? ""
        : $"; they have {RoundResult.Percent(SampleShare.Of(round))} of the samples, and the plan asks for {RoundResult.Percent(round.QuorumShare)}";

    // A broken injection is tried again until it broke too often.
    private static ImmutableArray<IRoundEvent> TryAgain(Round round, ImmutableArray<IRoundEvent> events, DateTimeOffset now)
    {
        var after = events.Aggregate(round, Apply);
        return after.InjectionFailures < InjectionAttempts
            ? events
            : events.Add(new Failed($"The injection broke {after.InjectionFailures} times, the last time: {after.InjectionProblem}", now));
    }

    private static string Late(Phase phase) => phase switch
    {
        Phase.Aggregating => "The updates were not summed before the round's deadline. Look into the log of the server's node.",
        Phase.Injecting => "The aggregate was not injected before the round's deadline. Is the injector's node running?",
        _ => "The round's result was not at the server before the deadline, and nobody had it. Are the injector's node and the other servers running?",
    };

    // Events of before this was measured have only the wall clock, which may have been set back.
    private static Round Timed(Round before, Round after, IRoundEvent e)
    {
        if (!before.Began.TryGetValue(before.Phase, out var began))
            return after;
        var elapsed = (e as TimedRoundEvent)?.Elapsed ?? (e.At - began is var wall && wall > before.Elapsed ? wall : before.Elapsed);
        return after.Phase == before.Phase
            ? after with { Elapsed = elapsed }
            : after with { Elapsed = TimeSpan.Zero, Lasted = before.Lasted.SetItem(before.Phase, before.Lasted.GetValueOrDefault(before.Phase) + elapsed) };
    }

    private static Round Enter(Phase phase, IRoundEvent e, Round round) =>
        round with { Phase = phase, Began = round.Began.SetItem(phase, e.At) };
}
