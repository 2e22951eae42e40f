using System.Collections.Immutable;
using System.Globalization;
using static FedKim.Rounds.RoundEvents;

namespace FedKim.Rounds;

/// <summary>A round's journal in plain sentences, for people who ask why it went as it did.</summary>
public static class RoundStory
{
    /// <summary>A sentence an event, in their order.</summary>
    public static ImmutableArray<Sentence> Tell(RoundId id, IEnumerable<IRoundEvent> events)
    {
        var round = new Round(id);
        var story = ImmutableArray.CreateBuilder<Sentence>();
        foreach (var e in events)
        {
            round = RoundRules.Apply(round, e);
            story.Add(Told(round, e));
        }

        return story.ToImmutable();
    }

    /// <summary>An event in a sentence.</summary>
    /// <param name="after">The round after it.</param>
    /// <param name="e">The event.</param>
    public static string Words(Round after, IRoundEvent e) => e switch
    {
        Opened o => $"Invited: {string.Join(", ", o.Invited)}. The quorum is {o.Quorum}{Share(o)}; all start from model {o.GlobalModel.Short}{Moments(o.Moments)}.{NotInvited(o.LeftOut)}",
        TakenOver t => $"The coordinator on {t.Node} took over (epoch {t.Epoch}).",
        TrainingStarted => "The training began.",
        ContributionAccepted c =>
            $"{c.Client} contributed update {c.Update.Short}, trained on {Samples(c.Samples.Total)}{Data(c)} ({after.Accepted.Count} of {after.Invited.Length}).",
        ClientDropped d => $"{d.Client} was left out: {d.Reason}.",
        CollectionClosed when after.Dropped.ContainsValue(RoundRules.MissedDeadline) =>
            $"The collection closed because the deadline had passed, with {after.Accepted.Count} of {after.Invited.Length} contributions; the quorum is {after.Quorum}.",
        CollectionClosed =>
            $"The collection closed because every site had answered, with {after.Accepted.Count} of {after.Invited.Length} contributions; the quorum is {after.Quorum}.",
        AggregateComputed a => $"The updates were summed, aggregate {a.Aggregate.Short}.",
        InjectionFailed f => $"Attempt {f.Attempt} of {RoundRules.InjectionAttempts} to inject broke: {f.Reason}",
        Injected i => $"The aggregate was injected{Loss(i.Loss)}: model {i.GlobalModel.Short}, adapters {i.Adapter.Short}.",
        Committed => $"The round was {RoundResult.Line(after)}. The next one starts from its model.",
        Failed f => $"The round failed: {f.Cause}",
        Paused => "An operator paused the federation: no deadline ends the round, and no other is opened.",
        Continued => "An operator resumed the federation: the deadline counts again.",
        Reopened r => $"The round is tried again (attempt {r.Attempt + 1}), with {after.Accepted.Count} of {after.Invited.Length} contributions that were accepted before.{Invited(r)}",
        _ => throw new ArgumentOutOfRangeException(nameof(e), e, "An event of another journal."),
    };

    private static Sentence Told(Round after, IRoundEvent e)
    {
        var told = new Sentence(e.At, Words(after, e)) { Kind = e.GetType().Name };
        return e switch
        {
            ContributionAccepted c => told with
            {
                Site = c.Client.Value,
                Loss = c.Loss,
                Samples = string.Join(", ", c.Samples.ByTask.Select(task => string.Create(CultureInfo.InvariantCulture, $"{task.Key} {task.Value}"))),
            },
            ClientDropped d => told with { Site = d.Client.Value },
            TakenOver t => told with { Site = t.Node },
            _ => told,
        };
    }

    private static string Moments(Digest? aggregate) => aggregate is { } moments ? $", the server's moments are those of aggregate {moments.Short}" : "";

    private static string Invited(Reopened r) => r.Invited.IsEmpty ? ""
        : $" Those who were asked could not make the quorum any more; invited now: {string.Join(", ", r.Invited)}.{NotInvited(r.LeftOut)}";

    private static string Share(Opened o) => o.QuorumShare > 0 ? $" and {RoundResult.Percent(o.QuorumShare)} of the samples" : "";

    private static string NotInvited(ImmutableArray<LeftOut> leftOut) =>
        leftOut.IsEmpty ? "" : $" Not invited: {RoundResult.Names([.. leftOut.Select(l => $"{l.Site} ({l.Reason})")])}.";

    private static string Data(ContributionAccepted c) =>
        DataPrint.Parse(c.Data).Changed ? " of OTHER DATA than in its contribution before" : "";

    private static string Samples(long count) => count == 1 ? "1 sample" : $"{count} samples";

    private static string Loss(double loss) => double.IsFinite(loss) ? string.Create(CultureInfo.InvariantCulture, $" with loss {loss:0.####}") : "";

    /// <summary>What happened, and when.</summary>
    public sealed record Sentence(DateTimeOffset At, string Words)
    {
        /// <summary>The event's name, see <see cref="RoundEvents"/>.</summary>
        public string Kind { get; init; } = "";

        /// <summary>The site it is about, or the node that took over; empty where it is about all.</summary>
        public string Site { get; init; } = "";

        /// <summary>The samples of a contribution, <c>task count</c> by task; empty where it is none.</summary>
        public string Samples { get; init; } = "";

        /// <summary>The loss of a contribution; NaN where it is none.</summary>
        public double Loss { get; init; } = double.NaN;
    }
}
