namespace FedKim.Actors.Hospital.Plans;

/// <summary>What a person at the site said of a plan.</summary>
public enum PlanWord
{
    /// <summary>Nothing yet.</summary>
    None = 0,

    /// <summary>The site trains for it.</summary>
    Approved = 1,

    /// <summary>The site does not.</summary>
    Refused = 2,
}

/// <summary>A plan that the site was asked to train for, and what was said of it here.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Digest">Its digest.</param>
/// <param name="Seen">When it was first asked for.</param>
/// <param name="AskedBy">The server that asked first and its door, by its link; without a link the base address of its weight plane.</param>
/// <param name="Word">What was said.</param>
/// <param name="Said">When; null before.</param>
/// <param name="Reason">Why, in a person's words, which stay at the site.</param>
internal sealed record PlanRecord(
    SitePlan Plan, string Digest, DateTimeOffset Seen, string AskedBy, PlanWord Word = PlanWord.None, DateTimeOffset? Said = null, string Reason = "");
