using Akka.Actor;
using Akka.Event;
using FedKim.Actors.Server.Answers;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>Tells the sites on a federation's roster that a round of it is over, or the federation; nobody else hears that there is one.</summary>
internal sealed class EndNews(ServerContext server, KeptWeights weights, ILoggingAdapter log)
{
    /// <summary>Whether a round may be tried again: not one that was given up because its federation was stopped or removed.</summary>
    public static bool MayResume(RoundId round, Federation federation) =>
        federation.Named(round.Federation) is { } its && (round == its.FailedRound || round == its.OpenRound);

    /// <summary>A round has ended.</summary>
    public void Tell(Round round, Federation federation)
    {
        bool kept = round.Phase == Phase.Failed && MayResume(round.Id, federation);
        Tell(round.Id, federation, Page.Brief(FederationNews.Outcome(round)), kept);
        if (round.Phase == Phase.Failed && !kept)
            weights.EndSpools(federation);
    }

    /// <summary>A round is over that had no coordinator, or is not to be tried again.</summary>
    public void Tell(RoundId round, Federation federation, string outcome = "", bool mayResume = false) =>
        server.Directory.Tell(new SiteDirectory.Announce(round, federation.Named(round.Federation)?.Roster ?? Roster.Empty, outcome, mayResume));

    /// <summary>The federation has ended.</summary>
    public void Tell(Federation federation)
    {
        string outcome = FederationNews.Outcome(federation);
        log.Info("Federation {Federation} {Outcome}", federation.Plan!.Id, outcome);
        server.Directory.Tell(new SiteDirectory.AnnounceFederation(federation.Plan.Id, federation.Roster, Page.Brief(outcome)));
    }
}
