namespace FedKim.Actors.Hospital.Plans;

/// <summary>What a site does with a plan.</summary>
public enum PlanVerdict
{
    /// <summary>It trains for it.</summary>
    Train,

    /// <summary>It waits until a person has said something.</summary>
    Wait,

    /// <summary>It tells the server that it does not.</summary>
    Refuse,
}

/// <summary>Whether a site trains for a plan. There is no other place that decides it.</summary>
internal static class PlanRules
{
    /// <summary>What the site does with a plan, by its node's file and by what a person here said.</summary>
    /// <param name="acceptance">The node's file.</param>
    /// <param name="federation">The plan's federation.</param>
    /// <param name="digest">The plan's digest.</param>
    /// <param name="word">What a person said of exactly this plan.</param>
    /// <param name="isSure">Whether the site still has all that was ever said here; else nothing but a person's word counts.</param>
    public static PlanVerdict Decide(PlanAcceptance acceptance, string federation, string digest, PlanWord word, bool isSure = true) =>
        (acceptance.Plans, word) switch
        {
            (_, PlanWord.Refused) => PlanVerdict.Refuse,
            // The file alone decides: who may say a word here may not be the one who may change the file.
            (AcceptedPlans.Listed, _) when !acceptance.Names(federation, digest) => PlanVerdict.Refuse,
            (_, PlanWord.Approved) => PlanVerdict.Train,
            _ when !isSure => PlanVerdict.Wait,
            (AcceptedPlans.Ask, _) => PlanVerdict.Wait,
            _ => PlanVerdict.Train,
        };
}
