using System.Collections.Immutable;
using FedKim.Rounds;
using Google.Protobuf;

namespace FedKim.Protocol.Journals;

/// <summary>A federation's plan in the one form in which it leaves a process: stored in the journal, and on the wire as the same bytes.</summary>
internal static class StoredPlan
{
    /// <summary>The plan as bytes.</summary>
    public static byte[] Bytes(FederationPlan plan) => Of(plan).ToByteArray();

    /// <summary>The plan that these bytes are.</summary>
    /// <exception cref="InvalidProtocolBufferException">They are none.</exception>
    /// <exception cref="ArgumentException">A name in it is none.</exception>
    public static FederationPlan Read(byte[] bytes) => Read(Stored.Plan.Parser.ParseFrom(bytes));

    /// <summary>The plan as the journal holds it.</summary>
    public static Stored.Plan Of(FederationPlan plan)
    {
        var stored = new Stored.Plan
        {
            Federation = plan.Id.Value,
            Seed = plan.Seed,
            Rounds = plan.Rounds,
            Clients = { plan.Clients.Select(c => c.Value) },
            Quorum = plan.Quorum,
            DeadlineTicks = plan.Deadline.Ticks,
            Strategy = plan.Strategy,
            Weighting = plan.Weighting,
            Method = plan.Method,
            Parts = { plan.Parts.Select(p => new Stored.Part { Name = p.Key, Tasks = { p.Value } }) },
            Learning = plan.Learning,
            Retries = plan.Retries,
            StartFrom = plan.StartFrom,
            Injector = plan.Injector,
            QuorumShare = plan.QuorumShare,
            ServerOptimizer = plan.ServerOptimizer is { } o
                ? new Stored.ServerOptimizer { LearningRate = o.LearningRate, Beta1 = o.Beta1, Beta2 = o.Beta2, Tau = o.Tau }
                : null,
        };
        if (plan.Anyone is { } anyone)
            (stored.Least, stored.Most) = (anyone.Least, anyone.Most);
        if (plan.Selection != Selection.All)
            (stored.SelectedFraction, stored.SelectedByData) = (plan.Selection.Fraction, plan.Selection.ByData);
        if (plan.SkipAfter is { } skip)
            stored.SkipAfterTicks = skip.Ticks;
        // Left out where nothing bounds it, so that a plan is stored as before there were bounds.
        if (!double.IsPositiveInfinity(plan.MaxNorm))
            stored.MaxNorm = plan.MaxNorm;
        if (plan.Limits.FirstModel is { } firstModel)
            stored.FirstModelTicks = firstModel.Ticks;
        if (plan.Limits.Aggregation is { } aggregation)
            stored.AggregationTicks = aggregation.Ticks;
        if (plan.Limits.Injection is { } injection)
            stored.InjectionTicks = injection.Ticks;
        if (plan.Limits.Publication is { } publication)
            stored.PublicationTicks = publication.Ticks;
        if (plan.Limits.Evaluation is { } evaluation)
            stored.EvaluationTicks = evaluation.Ticks;
        if (plan.Limits.Opening is { } opening)
            stored.OpeningTicks = opening.Ticks;
        return stored;
    }

    /// <summary>The plan as the rules know it.</summary>
    /// <exception cref="ArgumentException">A name in it is none.</exception>
    public static FederationPlan Read(Stored.Plan plan) => new()
    {
        Id = new FederationId(plan.Federation),
        Seed = plan.Seed,
        Rounds = plan.Rounds,
        Clients = [.. plan.Clients.Select(c => new ClientId(c))],
        Quorum = plan.Quorum,
        Deadline = TimeSpan.FromTicks(plan.DeadlineTicks),
        Strategy = plan.Strategy,
        Weighting = plan.Weighting,
        Method = plan.Method,
        Parts = plan.Parts.ToImmutableSortedDictionary(p => p.Name, p => p.Tasks.ToImmutableArray(), StringComparer.Ordinal),
        Learning = plan.Learning,
        Retries = plan.Retries,
        StartFrom = plan.StartFrom,
        Injector = plan.Injector,
        Anyone = plan.HasLeast || plan.HasMost ? new OpenInvitation(plan.Least, plan.Most) : null,
        Selection = plan.HasSelectedFraction ? new Selection(plan.SelectedFraction, plan.SelectedByData) : Selection.All,
        SkipAfter = Ticks(plan.HasSkipAfterTicks, plan.SkipAfterTicks),
        QuorumShare = plan.QuorumShare,
        MaxNorm = plan.HasMaxNorm ? plan.MaxNorm : double.PositiveInfinity,
        Limits = new WaitLimits(
            Ticks(plan.HasFirstModelTicks, plan.FirstModelTicks), Ticks(plan.HasAggregationTicks, plan.AggregationTicks),
            Ticks(plan.HasInjectionTicks, plan.InjectionTicks), Ticks(plan.HasPublicationTicks, plan.PublicationTicks),
            Ticks(plan.HasEvaluationTicks, plan.EvaluationTicks), Ticks(plan.HasOpeningTicks, plan.OpeningTicks)),
        ServerOptimizer = plan.ServerOptimizer is { } o ? new ServerOptimizer(o.LearningRate, o.Beta1, o.Beta2, o.Tau) : null,
    };

    private static TimeSpan? Ticks(bool there, long ticks) => there ? TimeSpan.FromTicks(ticks) : null;
}
