using Akka.Actor;
using FedKim.Protocol;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors;

/// <summary>What the server's actors share.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Store">The server's weights.</param>
/// <param name="Weights">Base address of the server's weight plane, as sites reach it.</param>
/// <param name="Scratch">A folder on the store's disk for unfinished files.</param>
/// <param name="Directory">The <see cref="SiteDirectory"/>.</param>
/// <param name="Keepers">Told what this server lacks, for those who may hold it.</param>
/// <param name="Clock">The only source of time.</param>
internal sealed record ServerContext(
    string Node, WeightStore Store, string Weights, string Scratch, IActorRef Directory, IActorRef Keepers, TimeProvider Clock)
{
    /// <summary>How long weights that were asked for may stay away before they are asked for again.</summary>
    public static TimeSpan AskAgain { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether all these weights are here. A server that took over may lack some: everybody is asked for those.</summary>
    public bool Holds(IEnumerable<Digest> weights)
    {
        Digest[] lacking = [.. weights.Where(d => !Store.Has(d))];
        foreach (var digest in lacking)
            Keepers.Tell(new WeightMessages.Wanted(digest, Weights));
        return lacking.Length == 0;
    }
}
