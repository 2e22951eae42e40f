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
    /// <summary>The rounds whose updates are kept: those that are open, and those that failed and may be tried again.</summary>
    public static RoundId[] Spooled(Federation federation) => [.. federation.All.Select(f => f.FailedRound ?? f.OpenRound).OfType<RoundId>()];

    /// <summary>What a server that does not lead will not be asked for, should it be the next to. Null before the open rounds were read: nobody knows then.</summary>
    /// <param name="federation">The journal.</param>
    /// <param name="latest">The latest rounds.</param>
    /// <param name="held">What that server holds, as hexadecimal digests.</param>
    public static WeightMessages.Superfluous? Superfluous(Federation federation, LatestRounds latest, string[] held)
    {
        if (federation.Running.Any(f => f.OpenRound is { } open && latest.Of(open) is null))
            return null;
        var needed = Needed(federation, latest).Select(d => d.Hex).ToHashSet(StringComparer.Ordinal);
        return new WeightMessages.Superfluous(
            [.. Spooled(federation).Select(r => r.ToString())], [.. held.Where(h => !needed.Contains(h))], federation.Coordinator, federation.Epoch);
    }

    /// <summary>The updates of rounds that are over go.</summary>
    public void EndSpools(Federation federation) => Drop(() => server.Spool.EndAllBut(Spooled(federation)));

    /// <summary>The updates of a round that was committed go.</summary>
    public void EndSpool(RoundId round) => Drop(() => server.Spool.End(round));

    /// <summary>
    /// Between two rounds nothing is needed but results: the hospitals' updates go as soon as they are in the sum. While others run, what their
    /// injectors bring is in no journal yet: then no more goes than what was needed before.
    /// </summary>
    /// <param name="before">The journal before.</param>
    /// <param name="federation">The journal.</param>
    /// <param name="latest">The latest rounds.</param>
    /// <param name="own">The federation whose round has ended, or which was removed.</param>
    public void Prune(Federation before, Federation federation, LatestRounds latest, FederationId own)
    {
        EndSpools(federation);
        bool alone = !before.Running.Concat(federation.Running).Any(f => f.Plan!.Id != own);
        Drop(() => server.Store.Discard([.. (alone ? server.Store.List() : [.. Needed(before, latest)]).Except(Needed(federation, latest))]));
    }

    /// <summary>What was refused goes, unless the same bytes count elsewhere.</summary>
    public void Discard(IEnumerable<Digest> refused, Federation federation, LatestRounds latest) =>
        Drop(() => server.Store.Discard([.. refused.Except(Needed(federation, latest))]));

    // The results of all federations that no person has removed, what the open rounds are at, and what the rounds before them began from.
    private static IEnumerable<Digest> Needed(Federation federation, LatestRounds latest) => federation.All.SelectMany(f => f.Results)
        .Concat(federation.Running.SelectMany(f => f.Before))
        .Concat(federation.Running.Select(f => latest.Of(f.OpenRound)).SelectMany(open => (Digest?[])[open?.Aggregate, open?.GlobalModel, open?.Adapter]).OfType<Digest>());

    private void Drop(Func<Action> drop) =>
        context.Later("the server's work folder", drop, problem => log.Warning("Weights of an earlier round still take room: {Problem}", problem));
}
