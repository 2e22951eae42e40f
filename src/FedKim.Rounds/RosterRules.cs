using System.Collections.Immutable;
using static FedKim.Rounds.RosterCommands;
using static FedKim.Rounds.RosterEvents;

namespace FedKim.Rounds;

/// <summary>Who may come to a federation, and who is sent away. Pure.</summary>
public static class RosterRules
{
    /// <summary>The events that <paramref name="command"/> causes; none if it changes nothing.</summary>
    public static ImmutableArray<IFederationEvent> Decide(Federation federation, IRosterCommand command, DateTimeOffset now)
    {
        if (Refusal(federation, command) is not null)
            return [];
        return (command, federation.Roster.StandingOf(command.Site)) switch
        {
            (Join c, null) => [new SiteJoined(c.Site, now)],
            (Drain c, SiteStanding.TakesPart) => [new SiteDrained(c.Site, now)],
            (Return c, SiteStanding.Drained or SiteStanding.Excluded) => [new SiteReturned(c.Site, now)],
            (Exclude c, not SiteStanding.Excluded) => [new SiteExcluded(c.Site, now)],
            _ => [],
        };
    }

    /// <summary>Why a command is not followed; null when it is, or was before.</summary>
    public static string? Refusal(Federation federation, IRosterCommand command)
    {
        var (site, plan) = (command.Site, federation.Plan);
        var standing = federation.Roster.StandingOf(site);
        return command switch
        {
            { Federation: { } named } when named != plan?.Id => federation.InQueue(named) is null
                ? $"There is no federation {named} here. 'federation list' tells which there are."
                : $"Federation {named} is queued; nobody takes part in it yet.",
            _ when plan is null => "No federation was submitted yet; nobody takes part in one.",
            _ when federation.Phase is FederationPhase.Completed or FederationPhase.Stopped => $"Federation {plan.Id} is {federation.Phase}; nobody takes part in it any more.",
            Join when federation.HasEnded => $"Federation {plan.Id} is {federation.Phase}; nobody joins it now.",
            Join when plan.Anyone is null => WhyNot(federation, site),
            Join when standing is null && !TakesSites(federation) => WhyNot(federation, site),
            Join when standing is null && federation.Roster.Count >= plan.Anyone!.Most => WhyNot(federation, site),
            // Whom nobody has met yet can be kept from coming.
            Exclude when plan.Anyone is not null => null,
            Drain or Return or Exclude when standing is null =>
                $"{site} does not take part in federation {plan.Id}. 'client list' tells who does; say which federation is meant if it is another.",
            Drain when standing == SiteStanding.Excluded => $"{site} is excluded, which is more. Resume it first if it is to be drained.",
            Return when standing != SiteStanding.TakesPart && federation.Roster.Count >= plan.Anyone?.Most => $"{site} cannot be resumed: {Full(plan.Anyone)}.",
            _ => null,
        };
    }

    /// <summary>Whether a site that is here now is to join.</summary>
    public static bool MayJoin(Federation federation, ClientId site) =>
        federation.Plan?.Anyone is not null && federation.Roster.StandingOf(site) is null && Refusal(federation, new Join(site)) is null;

    /// <summary>Why a site that is here does not take part in what runs, to go on after a colon; null where it does, and where nothing runs.</summary>
    public static string? WhyNot(Federation federation, ClientId site) => federation.Roster.StandingOf(site) switch
    {
        _ when federation.Plan is null || federation.HasEnded => null,
        SiteStanding.TakesPart => null,
        SiteStanding.Drained => "an operator has drained it, and it takes part again when it is resumed",
        SiteStanding.Excluded => "an operator has excluded it",
        _ when federation.Plan.Anyone is not null && !TakesSites(federation) => "all its rounds are over",
        _ when federation.Plan.Anyone is { } anyone => federation.Roster.Count >= anyone.Most ? Full(anyone) : "it has not joined",
        _ => "its plan does not name this site",
    };

    // Who comes after the last round would take part in none.
    private static bool TakesSites(Federation federation) => federation.Phase is FederationPhase.Initializing or FederationPhase.Running;

    private static string Full(OpenInvitation anyone) => $"{anyone.Most} sites take part, and the plan lets in no more";
}
