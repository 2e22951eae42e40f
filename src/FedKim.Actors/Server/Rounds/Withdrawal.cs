using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Rounds;

/// <summary>What becomes of a round when a site says that it does not contribute.</summary>
internal static class Withdrawal
{
    /// <summary>
    /// It is dropped. Where its update counts already that changes nothing, unless this server lacks the update and the site refuses to give it
    /// again: nobody else will, and the round would wait for it for ever. Tried again, it does without.
    /// </summary>
    public static IRoundCommand Of(SiteMessages.CannotContribute said, Round round, ServerContext server)
    {
        string reason = SiteReason.Read(said.Reason).Text;
        return round.Phase == Phase.Aggregating && reason == SiteSentences.RefusesPlan.Say().Text
            && round.Accepted.TryGetValue(said.Client, out var counted) && server.HasUpdate(round.Id, counted.Update) is false
            ? new RoundCommands.Abandon($"The update of {said.Client}, which counted, is not at this server any more, and the site does not give it again: {reason}")
            : new RoundCommands.Drop(said.Client, reason);
    }
}
