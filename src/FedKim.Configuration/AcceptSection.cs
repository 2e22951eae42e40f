using FedKim.Actors.Hospital.Plans;

namespace FedKim.Configuration;

/// <summary>For which plans a hospital trains, as its node's file says it.</summary>
internal static class AcceptSection
{
    /// <summary>Reads and checks it.</summary>
    /// <param name="hospital">The section <c>fedkim.hospital</c>.</param>
    public static PlanAcceptance Of(Section hospital)
    {
        var accept = Enum.Parse<AcceptedPlans>(hospital.Choice("accept", [.. Enum.GetNames<AcceptedPlans>().Select(a => a.ToLowerInvariant())]), ignoreCase: true);
        var plans = hospital.Texts("plans");
        if (accept == AcceptedPlans.Listed && plans.IsEmpty)
            hospital.Problem("plans", "is empty, and accept is listed: the site would train for nothing. Name federations, or plans by their digests.");
        else if (accept != AcceptedPlans.Listed && !plans.IsEmpty)
            hospital.Problem("plans", $"names {plans[0]}, and accept is {accept.ToString().ToLowerInvariant()}, which does not look there. Set accept = listed, or leave plans out.");
        return new PlanAcceptance(accept, plans);
    }
}
