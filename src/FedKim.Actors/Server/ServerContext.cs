using Akka.Actor;
using FedKim.Protocol;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors;

/// <summary>What the server's actors share.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Store">The server's weights.</param>
/// <param name="Spool">The updates of open rounds.</param>
/// <param name="Weights">Base address of the server's weight plane, as sites reach it.</param>
/// <param name="Scratch">A folder on the store's disk for unfinished files.</param>
/// <param name="Directory">The <see cref="SiteDirectory"/>.</param>
/// <param name="Keepers">Told what this server lacks, for those who may hold it.</param>
/// <param name="Clock">The only source of time.</param>
internal sealed record ServerContext(
    string Node, WeightStore Store, Spool Spool, string Weights, string Scratch, IActorRef Directory, IActorRef Keepers, TimeProvider Clock)
{
    /// <summary>How long weights that were asked for may stay away before they are asked for again.</summary>
    public static TimeSpan AskAgain { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether all these weights are here. A server that took over may lack some: everybody is asked for those.</summary>
    public bool Holds(IEnumerable<Digest> weights) => Seek(
        weights.Where(d => !Store.Has(d)).Select(d => new WeightMessages.Wanted(d, Weights)));

    /// <summary>Whether all these updates are in the round's spool here; those that lack are asked for in the same way.</summary>
    public bool Holds(RoundId round, IEnumerable<Digest> updates)
    {
        var spool = Spool.Open(round);
        return Seek(updates.Where(d => !spool.Has(d)).Select(d => new WeightMessages.UpdateWanted(round, d, Weights)));
    }

    private bool Seek(IEnumerable<IWireMessage> wanted)
    {
        IWireMessage[] lacking = [.. wanted];
        foreach (var one in lacking)
            Keepers.Tell(one);
        return lacking.Length == 0;
    }
}
