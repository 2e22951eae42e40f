using System.Collections.Immutable;

namespace FedKim.Rounds;

/// <summary>What a federation is doing.</summary>
public enum FederationPhase
{
    /// <summary>Nothing was submitted yet.</summary>
    Idle = 0,

    /// <summary>The injector makes the first model.</summary>
    Initializing = 1,

    /// <summary>Rounds run, one after another.</summary>
    Running = 2,

    /// <summary>The finished model is measured.</summary>
    Evaluating = 3,

    /// <summary>All rounds are committed and the result is measured.</summary>
    Completed = 4,

    /// <summary>Ended without a finished model; it can be resumed.</summary>
    Failed = 5,

    /// <summary>Ended by a person before its end.</summary>
    Stopped = 6,

    /// <summary>Submitted while another ran that it shares something with; it waits for its turn.</summary>
    Queued = 7,
}

/// <summary>A federation as its journal tells it, and those before it, some of which may run beside it.</summary>
public sealed record Federation
{
    /// <summary>How many may run at once, at least 1: a setting of the servers, and of no journal.</summary>
    public int Parallel { get; init; } = 1;

    /// <summary>What it is doing.</summary>
    public FederationPhase Phase { get; init; }

    /// <summary>Coordinators there have been; the latest one's orders outrank those of all before it.</summary>
    public int Epoch { get; init; }

    /// <summary>The node of the latest coordinator; empty before the first.</summary>
    public string Coordinator { get; init; } = "";

    /// <summary>The plan; null while idle.</summary>
    public FederationPlan? Plan { get; init; }

    /// <summary>Who takes part, and who was sent away.</summary>
    public Roster Roster { get; init; } = Roster.Empty;

    /// <summary>Rounds committed so far.</summary>
    public int CommittedRounds { get; init; }

    /// <summary>The aggregate of the last committed round.</summary>
    public Digest? Aggregate { get; init; }

    /// <summary>The aggregate whose moments the open round's goes on from; null before the first, and where the strategy keeps none.</summary>
    public Digest? Moments => Plan?.ServerOptimizer is null ? null : Aggregate;

    /// <summary>The newest global model.</summary>
    public Digest? GlobalModel { get; init; }

    /// <summary>The newest adapters.</summary>
    public Digest? Adapter { get; init; }

    /// <summary>Task evaluations as a JSON array; empty before.</summary>
    public string Evaluation { get; init; } = "";

    /// <summary>When it came to do so; a committed round begins it anew.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Why it failed or was stopped; empty otherwise.</summary>
    public string Cause { get; init; } = "";

    /// <summary>Whether a person has paused it: no further round is opened, and no limit ends the open one.</summary>
    public bool Paused { get; init; }

    /// <summary>How often it was resumed since its last committed round.</summary>
    public int Resumed { get; init; }

    /// <summary>Whether it left the queue without having begun.</summary>
    public bool NeverBegan { get; init; }

    /// <summary>Whether a person has removed it: its journal tells of it, its weights are gone.</summary>
    public bool Removed { get; init; }

    /// <summary>The round that is open now; null when none is.</summary>
    public RoundId? OpenRound => Phase is FederationPhase.Running ? new RoundId(Plan!.Id, CommittedRounds + 1) : null;

    /// <summary>The round that a federation ended in without committing it; null where it ended before its first or after its last.</summary>
    public RoundId? UnfinishedRound => HasEnded && GlobalModel is not null && CommittedRounds < Plan!.Rounds ? new RoundId(Plan.Id, CommittedRounds + 1) : null;

    /// <summary>The round that it failed in, while it can be resumed: what was accepted in it is kept. Null otherwise.</summary>
    public RoundId? FailedRound => Phase is FederationPhase.Failed && !Removed ? UnfinishedRound : null;

    /// <summary>What it has given so far, its model, adapters and last aggregate, which stay until it is removed.</summary>
    public IEnumerable<Digest> Results => Removed ? [] : ((Digest?[])[GlobalModel, Adapter, Aggregate]).OfType<Digest>();

    /// <summary>What it had given before its last committed round, for a journal of that time that is put back; empty before the first.</summary>
    public ImmutableArray<Digest> Before { get; init; } = [];

    /// <summary>Whether it has ended since a federation of the journal began or was resumed last; by the order of events, whatever clocks said.</summary>
    public bool EndedLately { get; init; }

    /// <summary>Every federation of the journal, this one last.</summary>
    public ImmutableArray<Federation> All => Plan is null ? [] : Earlier.Add(this);

    /// <summary>Those that began or were resumed before it, the earliest first. A name is taken for good: the journals of its rounds bear it.</summary>
    public ImmutableArray<Federation> Earlier { get; init; } = [];

    /// <summary>The federations that wait, in the order in which they were submitted.</summary>
    public ImmutableArray<QueuedFederation> Queue { get; init; } = [];

    /// <summary>Those that run, in the order in which they began.</summary>
    public IEnumerable<Federation> Running => All.Where(f => !f.HasEnded);

    /// <summary>Those that have ended since one began last, and whose last round may have to be ended too. Nobody would do it later.</summary>
    public IEnumerable<Federation> Ending => All.Where(f => f.UnfinishedRound is not null && (ReferenceEquals(f, this) || f.EndedLately));

    /// <summary>Whether anything can still happen to a round of this federation.</summary>
    public bool Follows(FederationId id) => id == Plan?.Id || Named(id) is { HasEnded: false } || Ending.Any(f => f.Plan!.Id == id);

    /// <summary>Whether nothing runs.</summary>
    public bool IsFree => !Running.Any();

    /// <summary>The one whose turn it is; null where none can begin now.</summary>
    public QueuedFederation? Next => QueueRules.Ready(this).FirstOrDefault();

    /// <summary>The same journal, told from one of its federations: this one, with all others as those before it. Null where there is none of that name.</summary>
    public Federation? About(FederationId id) => Plan?.Id == id ? this : Named(id) is not { } its ? null : its with
    {
        Parallel = Parallel,
        Epoch = Epoch,
        Coordinator = Coordinator,
        Queue = Queue,
        Earlier = [.. Earlier.Where(f => !ReferenceEquals(f, its)), this with { Earlier = [], Queue = [] }],
    };

    /// <summary>
    /// The federation that a site has to do with: the one that runs of those that concern it, of which there is one at most; else one that runs; else the
    /// latest.
    /// </summary>
    public Federation Home(ClientId site) => HasEnded || Earlier.Any(f => !f.HasEnded)
        ? Running.FirstOrDefault(f => f.Concerns(site)) ?? Running.LastOrDefault() ?? this
        : this;

    /// <summary>The one of that name that waits; null when none does.</summary>
    public QueuedFederation? InQueue(FederationId id) => Queue.FirstOrDefault(q => q.Plan.Id == id);

    /// <summary>Whether a site takes part: it is asked from the next round on, and has a word.</summary>
    public bool Invites(ClientId site) => Roster.Invites(site);

    /// <summary>Whether a site takes part in it, did, or may.</summary>
    public bool Concerns(ClientId site) => Plan is null || Plan.Anyone is not null || Roster.StandingOf(site) is not null;

    /// <summary>Whether a site may have these weights: what a federation starts from, goes on from or has given, in which it takes part or did, and was not excluded.</summary>
    public bool MayFetch(ClientId site, Digest weights) => All.Any(f =>
        !f.Removed && f.Roster.StandingOf(site) is SiteStanding.TakesPart or SiteStanding.Drained && f.Results.Concat(f.Before).Contains(weights));

    /// <summary>What a site may know of a journal: the federations that concern it, and nothing of the others, as if there were none.</summary>
    public Federation SeenBy(ClientId site)
    {
        ImmutableArray<Federation> earlier = [.. Earlier.Where(f => f.Concerns(site))];
        var (seen, before) = (this, earlier) switch
        {
            var (own, all) when own.Concerns(site) => (own, all),
            (_, [.. var rest, var last]) => (last with { Epoch = Epoch, Coordinator = Coordinator }, ImmutableArray.Create(rest.AsSpan())),
            _ => (new Federation { Epoch = Epoch, Coordinator = Coordinator }, earlier),
        };
        return seen with { Parallel = Parallel, Earlier = before, Queue = [.. Queue.Where(q => q.Plan.Anyone is not null || q.Plan.Clients.BinarySearch(site) >= 0)] };
    }

    /// <summary>This federation or the earlier one of that name; null when there was none.</summary>
    public Federation? Named(FederationId id) => Plan?.Id == id ? this : Earlier.FirstOrDefault(f => f.Plan!.Id == id);

    /// <summary>The same, and one that waits as the federation it is to be.</summary>
    public Federation? NamedOrQueued(FederationId id) => Named(id)
        ?? (InQueue(id) is { Plan: { } plan } queued
            ? new Federation { Phase = FederationPhase.Queued, Plan = plan, Roster = Roster.Of(plan.Clients), Since = queued.Since }
            : null);

    /// <summary>Whether this journal tells that a round is over. It may not know one that a coordinator of a later epoch has opened.</summary>
    public bool IsOver(RoundId round) => Named(round.Federation) is { } its && (its.HasEnded || round.Number <= its.CommittedRounds);

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => Phase is FederationPhase.Completed or FederationPhase.Failed or FederationPhase.Stopped;
}
