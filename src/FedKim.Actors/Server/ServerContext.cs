using Akka.Actor;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Server;

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

    /// <summary>What is wrong with this server's own files now; null when nothing is.</summary>
    public FileTrouble? Trouble => Store.Health.Now ?? Spool.Health.Now;

    /// <summary>Whether these weights are here and can be read.</summary>
    public bool Has(Digest digest) => Look(digest, Store.Has, Store.Health) is true;

    /// <summary>Whether all these weights are here. A server that took over may lack some: everybody is asked for those.</summary>
    public bool Holds(IEnumerable<Digest> weights) => Seek(weights, d => Look(d, Store.Has, Store.Health), d =>
    {
        Store.Want(d);
        return new WeightMessages.Wanted(d, Weights);
    });

    /// <summary>Whether all these updates are in the round's spool here; those that lack are asked for in the same way.</summary>
    public bool Holds(RoundId round, IEnumerable<Digest> updates)
    {
        var spool = Spool.Open(round);
        return Seek(updates, d => Look(d, spool.Has, Spool.Health), d => new WeightMessages.UpdateWanted(round, d, Weights));
    }

    /// <summary>Whether this update is in the round's spool here; null where the server's own files keep it from looking.</summary>
    public bool? HasUpdate(RoundId round, Digest update) => Look(update, Spool.Open(round).Has, Spool.Health);

    private bool Seek(IEnumerable<Digest> digests, Func<Digest, bool?> look, Func<Digest, IWireMessage> wanted)
    {
        bool all = true;
        foreach (var digest in digests)
        {
            bool? there = look(digest);
            all &= there is true;
            if (there is false)
                Keepers.Tell(wanted(digest));
        }

        return all;
    }

    // Null where the server's own files keep it from looking: that passes, and nobody else can mend it.
    private static bool? Look(Digest digest, Func<Digest, bool> look, FolderHealth health)
    {
        string looking = $"looking for {digest.Short}";
        try
        {
            bool there = look(digest);
            health.Well(looking);
            return there;
        }
        catch (Exception e) when (health.Met(looking, e) is not null)
        {
            return null;
        }
    }
}
