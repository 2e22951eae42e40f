using FedKim.Certificates;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>What a site's hello means to the federation that runs: the site takes part, joins, or is told why it does not.</summary>
internal static class Admission
{
    /// <summary>The site's joining; null where it takes part, or may not.</summary>
    public static RosterCommands.Join? Joining(SiteMessages.Hello hello, Federation federation) =>
        RosterRules.MayJoin(federation, hello.Client) && PeerId.IsSite(hello.Client.Value) ? new RosterCommands.Join(hello.Client) : null;

    /// <summary>The hello as the directory is to hear it.</summary>
    /// <param name="hello">The hello.</param>
    /// <param name="federation">The federation that the site has to do with (<see cref="Federation.Home"/>).</param>
    /// <param name="latest">The rounds that are open.</param>
    public static object Greeting(SiteMessages.Hello hello, Federation federation, LatestRounds latest)
    {
        if (federation.Plan is not { } plan || federation.HasEnded)
            return hello;
        if (RosterRules.WhyNot(federation, hello.Client) is not { } why || Joining(hello, federation) is not null)
            return new SiteDirectory.Invited(hello, plan.Id);
        // What counts already stays, and its site keeps it for a server that may lose it; what counts is not known before the round was read.
        bool ends = federation.Roster.StandingOf(hello.Client) == SiteStanding.Excluded
            && latest.Of(federation.OpenRound) is { } known && !known.Accepted.ContainsKey(hello.Client);
        return new SiteDirectory.Uninvited(hello, plan.Id, why, ends, MayKnow: federation.Concerns(hello.Client));
    }
}
