using Akka.Actor;
using Akka.Event;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>
/// What a server keeps, the results of federations and what the open round needs, and the way on which the rest goes: at once out of use, and
/// then from the disk, on the threads for files. What cannot be dropped now takes room until the next time.
/// </summary>
internal sealed class KeptWeights(ServerContext server, IActorContext context, ILoggingAdapter log)
{
    /// <summary>The rounds whose updates are kept: the open one, and those that failed and may be tried again.</summary>
    public static RoundId[] Spooled(Federation federation) => [.. federation.All.Select(f => f.FailedRound).Append(federation.OpenRound).OfType<RoundId>()];

    /// <summary>What a server that does not lead will not be asked for, should it be the next to. Null before the open round was read: nobody knows then.</summary>
    /// <param name="federation">The federation.</param>
    /// <param name="latest">Its latest round.</param>
    /// <param name="held">What that server holds, as hexadecimal digests.</param>
    public static WeightMessages.Superfluous? Superfluous(Federation federation, LatestRound latest, string[] held)
    {
        if (federation.OpenRound is { } open && latest.Of(open) is null)
            return null;
        var needed = Needed(federation, latest).Select(d => d.Hex).ToHashSet(StringComparer.Ordinal);
        return new WeightMessages.Superfluous(
            [.. Spooled(federation).Select(r => r.ToString())], [.. held.Where(h => !needed.Contains(h))], federation.Coordinator, federation.Epoch);
    }

    /// <summary>The updates of rounds that are over go.</summary>
    public void EndSpools(Federation federation) => Drop(() => server.Spool.EndAllBut(Spooled(federation)));

    /// <summary>The updates of a round that was committed go.</summary>
    public void EndSpool(RoundId round) => Drop(() => server.Spool.End(round));

    /// <summary>Between two rounds nothing is needed but results: the hospitals' updates go as soon as they are in the sum.</summary>
    public void Prune(Federation federation, LatestRound latest)
    {
        EndSpools(federation);
        Drop(() => server.Store.Discard([.. server.Store.List().Except(Needed(federation, latest))]));
    }

    /// <summary>What was refused goes, unless the same bytes count elsewhere.</summary>
    public void Discard(IEnumerable<Digest> refused, Federation federation, LatestRound latest) =>
        Drop(() => server.Store.Discard([.. refused.Except(Needed(federation, latest))]));

    // The results of all federations that no person has removed, what the open round is at, and what the round before it began from.
    private static IEnumerable<Digest> Needed(Federation federation, LatestRound latest)
    {
        var open = latest.Of(federation.OpenRound);
        return federation.All.SelectMany(f => f.Results)
            .Concat(federation.HasEnded ? [] : federation.Before)
            .Concat(((Digest?[])[open?.Aggregate, open?.GlobalModel, open?.Adapter]).OfType<Digest>());
    }

    private void Drop(Func<Action> drop) =>
        context.Later("the server's work folder", drop, problem => log.Warning("Weights of an earlier round still take room: {Problem}", problem));
}
