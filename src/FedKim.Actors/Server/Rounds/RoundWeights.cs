using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Rounds;

/// <summary>
/// The models and updates that a round's next step needs at this server. A coordinator on another node than its predecessor's has none of
/// them: they are asked for until they are here.
/// </summary>
/// <param name="server">What the server's actors share.</param>
/// <param name="timers">The coordinator's, which looks again in a while.</param>
/// <param name="train">What sites are asked for that start from a model.</param>
/// <param name="log">The coordinator's log.</param>
internal sealed class RoundWeights(ServerContext server, ITimerScheduler timers, Func<Digest, SiteMessages.Train> train, ILoggingAdapter log)
{
    // Looks for what lacks, before those are asked who would have to make it anew.
    private const int LooksInVain = 2;

    private int _looks;

    /// <summary>What lacks, in words; empty where nothing does.</summary>
    public string Lacking { get; private set; } = "";

    /// <summary>Nothing is known to lack until it is looked for.</summary>
    public void Begin() => Lacking = "";

    /// <summary>A while has passed, and it is looked for once more.</summary>
    public void CountLook() => _looks++;

    /// <summary>Whether all that an effect needs is here; what is not is asked for.</summary>
    public bool Hold(IRoundEffect effect, Round round)
    {
        bool here = server.Holds(RoundEffects.Needs(effect));
        if (effect is RoundEffects.Aggregate sum)
        {
            var lacking = sum.Accepted.Where(a => server.HasUpdate(round.Id, a.Value.Update) is false).ToImmutableDictionary(a => a.Key, a => a.Value.Update);
            here &= server.Holds(round.Id, lacking.Values);
            // Nobody has it lying ready: its site does, or trains again, with the same bits.
            if (!lacking.IsEmpty && _looks >= LooksInVain)
                server.Directory.Tell(new SiteDirectory.AskAgain(train(sum.GlobalModel), lacking));
        }

        if (here)
        {
            _looks = 0;
            return true;
        }

        Lacking = effect is RoundEffects.Aggregate
            ? "waits for updates that this server lacks; the sites that sent them are asked again"
            : $"waits for weights that this server lacks ({string.Join(", ", RoundEffects.Needs(effect).Where(d => !server.Has(d)).Select(d => d.Short))}); every node that may hold them is asked";
        LookAgain.After(ServerContext.AskAgain, timers);
        return false;
    }

    /// <summary>
    /// What this server's disk did to a file is nobody's fault: it goes, and is had again, an update from its site's outbox, a model from
    /// whoever holds it.
    /// </summary>
    public void Lose(DamagedException damage, Round round)
    {
        if (round.Accepted.Where(a => a.Value.Update == damage.Digest).Select(a => a.Key).ToArray() is not [var client, ..])
        {
            server.Store.Lose(damage.Digest);
            return;
        }

        log.Warning(
            "Round {Round}: the accepted update {Update} of {Client} is damaged on the disk of server {Node}: it is removed and asked for again from the site's outbox",
            round.Id, damage.Digest.Short, client, server.Node);
        server.Spool.Open(round.Id).Lose(damage.Digest);
    }
}
