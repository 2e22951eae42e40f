using System.Collections.Immutable;
using Akka.Actor;

namespace FedKim.Actors.Hospital.Plans;

/// <summary>What a hospital's own people ask its node about plans; no server is needed for it, and none hears of it.</summary>
public static class PlanMessages
{
    /// <summary>Which plans was the site asked to train for? Answered by <see cref="Plans"/> or <see cref="Unsaid"/>.</summary>
    public sealed record GetPlans : INoSerializationVerificationNeeded;

    /// <summary>What is this plan? Answered by its <see cref="PlanView"/>, or by <see cref="Unsaid"/>.</summary>
    /// <param name="Name">A plan's digest or its beginning (<see cref="PlanDigits"/>), or else a federation's name, for its latest plan here.</param>
    public sealed record GetPlan(string Name) : INoSerializationVerificationNeeded;

    /// <summary>A person's word on a plan. Answered, once it stands on the disk, by the plan's <see cref="PlanView"/>, or by <see cref="Unsaid"/>.</summary>
    /// <param name="Plan">The plan's digest or its beginning (<see cref="PlanDigits"/>); a name may mean another plan than the one that was shown.</param>
    /// <param name="Word">Approved or refused.</param>
    /// <param name="Reason">Why; it stays at the site.</param>
    public sealed record Say(string Plan, PlanWord Word, string Reason) : INoSerializationVerificationNeeded;

    /// <summary>Every plan, the one seen first first.</summary>
    public sealed record Plans(ImmutableArray<PlanView> Items) : INoSerializationVerificationNeeded;

    /// <summary>It cannot be told or was not written down; the text says why.</summary>
    public sealed record Unsaid(string Why) : INoSerializationVerificationNeeded;
}

/// <summary>A plan as those see it who are asked for their word.</summary>
/// <param name="Federation">The federation's name.</param>
/// <param name="Digest">The SHA-256 of federation, seed, strategy and learning plan, in hexadecimal.</param>
/// <param name="Verdict">What the site does with it.</param>
/// <param name="Word">What a person said.</param>
/// <param name="Seen">When it was first asked for.</param>
/// <param name="AskedBy">The server that asked first, and its door; without a link the address that its order named.</param>
/// <param name="Said">When the word was said; null before.</param>
/// <param name="Reason">Why; empty where nobody wrote it.</param>
/// <param name="Seed">The federation's seed.</param>
/// <param name="Strategy">The strategy's name.</param>
/// <param name="Learning">The learning plan, JSON.</param>
public sealed record PlanView(
    string Federation, string Digest, PlanVerdict Verdict, PlanWord Word, DateTimeOffset Seen, string AskedBy, DateTimeOffset? Said, string Reason,
    long Seed, string Strategy, string Learning) : INoSerializationVerificationNeeded;
