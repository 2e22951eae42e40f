using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Protocol;

/// <summary>What an operator asks of the federation's actor. Answered, after it is stored, by a <see cref="FederationView"/> or <see cref="Refused"/>.</summary>
public static class OperatorMessages
{
    /// <summary>Run a federation by this plan, whose parts are those of <see cref="FederationPlan"/>.</summary>
    public sealed record Submit(
        FederationId Federation, long Seed, int Rounds, string[] Clients, int Quorum, long DeadlineTicks, string Strategy, string Weighting,
        string Method, PlanPart[] Parts, string Learning, double MaxNorm, ServerOptimizer? ServerOptimizer) : IWireMessage
    {
        /// <summary>The plan as it travels.</summary>
        public static Submit Of(FederationPlan plan) => new(
            plan.Id, plan.Seed, plan.Rounds, [.. plan.Clients.Select(c => c.Value)], plan.Quorum, plan.Deadline.Ticks, plan.Strategy, plan.Weighting,
            plan.Method, [.. plan.Parts.Select(p => new PlanPart(p.Key, [.. p.Value]))], plan.Learning, plan.MaxNorm,
            plan.ServerOptimizer);

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
        };
    }

    /// <summary>Give the running federation up.</summary>
    public sealed record Stop(string Cause) : IWireMessage;

    /// <summary>It was not done; the reason says what to do instead.</summary>
    public sealed record Refused(string Reason) : IWireMessage;
}

/// <summary>A part of the global model with the tasks that train it.</summary>
public sealed record PlanPart(string Name, string[] Tasks);
