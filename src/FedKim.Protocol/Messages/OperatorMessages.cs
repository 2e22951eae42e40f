using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Protocol;

/// <summary>What an operator asks of the federation's actor. Answered, after it is stored, by a <see cref="FederationView"/> or <see cref="Refused"/>.</summary>
public static class OperatorMessages
{
    /// <summary>Run a federation by this plan, whose parts are those of <see cref="FederationPlan"/>.</summary>
    public sealed record Submit(
        FederationId Federation, long Seed, int Rounds, string[] Clients, int Quorum, long DeadlineTicks, string Strategy, string Weighting,
        string Method, PlanPart[] Parts, string Learning, double MaxNorm, ServerOptimizer? ServerOptimizer, PlanLimit[] Limits, int Retries,
        string StartFrom) : IWireMessage
    {
        /// <summary>The plan as it travels.</summary>
        public static Submit Of(FederationPlan plan) => new(
            plan.Id, plan.Seed, plan.Rounds, [.. plan.Clients.Select(c => c.Value)], plan.Quorum, plan.Deadline.Ticks, plan.Strategy, plan.Weighting,
            plan.Method, [.. plan.Parts.Select(p => new PlanPart(p.Key, [.. p.Value]))], plan.Learning, plan.MaxNorm,
            plan.ServerOptimizer, PlanLimit.Of(plan.Limits), plan.Retries, plan.StartFrom);

        /// <summary>The plan as the rules know it.</summary>
        public FederationPlan ToPlan() => new()
        {
            Id = Federation,
            Seed = Seed,
            Rounds = Rounds,
            Clients = [.. Clients.Select(c => new ClientId(c))],
            Quorum = Quorum,
            Deadline = TimeSpan.FromTicks(DeadlineTicks),
            Strategy = Strategy,
            Weighting = Weighting,
            Method = Method,
            Parts = Parts.ToImmutableSortedDictionary(p => p.Name, p => p.Tasks.ToImmutableArray(), StringComparer.Ordinal),
            Learning = Learning,
            MaxNorm = MaxNorm,
            ServerOptimizer = ServerOptimizer,
            Limits = PlanLimit.Limits(Limits),
            Retries = Retries,
            StartFrom = StartFrom,
        };
    }

    /// <summary>End the running federation.</summary>
    public sealed record Stop(string Cause) : IWireMessage;

    /// <summary>Try again what a federation failed at.</summary>
    public sealed record Resume(FederationId Federation) : IWireMessage;

    /// <summary>Give the weights of a federation that has ended back.</summary>
    public sealed record Remove(FederationId Federation) : IWireMessage;

    /// <summary>It was not done; the reason says what to do instead.</summary>
    public sealed record Refused(string Reason) : IWireMessage;
}

/// <summary>A part of the global model with the tasks that train it.</summary>
public sealed record PlanPart(string Name, string[] Tasks);

/// <summary>The limit of a wait, by the wait's name; a wait without one lasts as long as it takes.</summary>
public sealed record PlanLimit(string Wait, long Ticks)
{
    /// <summary>The limits as they travel.</summary>
    public static PlanLimit[] Of(WaitLimits limits) =>
    [
        .. new (string Wait, TimeSpan? Limit)[]
        {
            (nameof(limits.FirstModel), limits.FirstModel), (nameof(limits.Aggregation), limits.Aggregation), (nameof(limits.Injection), limits.Injection),
            (nameof(limits.Publication), limits.Publication), (nameof(limits.Evaluation), limits.Evaluation),
        }.Where(l => l.Limit is not null).Select(l => new PlanLimit(l.Wait, l.Limit!.Value.Ticks)),
    ];

    /// <summary>The limits as the rules know them.</summary>
    public static WaitLimits Limits(IEnumerable<PlanLimit> limits)
    {
        var ticks = limits.ToDictionary(l => l.Wait, l => l.Ticks, StringComparer.Ordinal);
        return new WaitLimits(
            Of(nameof(WaitLimits.FirstModel)), Of(nameof(WaitLimits.Aggregation)), Of(nameof(WaitLimits.Injection)), Of(nameof(WaitLimits.Publication)),
            Of(nameof(WaitLimits.Evaluation)));

        TimeSpan? Of(string wait) => ticks.TryGetValue(wait, out long limit) ? TimeSpan.FromTicks(limit) : null;
    }
}
