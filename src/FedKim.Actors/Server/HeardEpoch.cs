using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>
/// What a node's coordinators were told of later epochs than their own; it outlives them. One site's word alone moves nobody: it has the coordinator
/// read the journal again, once a minute, which knows of any that leads. A journal that was restored does not; there more than half of those
/// who take part count, or the injector, and its coordinator goes past what they have heard of at once, and not one by one.
/// </summary>
/// <remarks>Used by one coordinator at a time, each of which begins after the one before has ended.</remarks>
public sealed class HeardEpoch
{
    private static readonly TimeSpan ReadAgain = TimeSpan.FromMinutes(1);

    private readonly Dictionary<ClientId, int> _said = [];
    private long? _read;

    /// <summary>The latest that counts; 0 before the first.</summary>
    public int Value { get; private set; }

    /// <summary>The injector spoke of this epoch, which is later than the coordinator's.</summary>
    /// <returns>Whether the coordinator is to begin anew.</returns>
    internal bool Heard(int epoch)
    {
        if (!Epochs.IsOne(epoch))
            return false;
        Value = Math.Max(Value, epoch);
        return true;
    }

    /// <summary>A site spoke of this epoch, which is later than the coordinator's.</summary>
    /// <param name="site">The site; one that does not take part does not count.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="federation">The journal. Its federations have one coordinator: the sites of all that run are counted together, or the latest's where none does.</param>
    /// <param name="clock">The only source of time.</param>
    /// <returns>Whether the coordinator is to begin anew.</returns>
    internal bool Heard(ClientId site, int epoch, Federation federation, TimeProvider clock)
    {
        var all = federation.IsFree ? [federation] : federation.Running.ToArray();
        if (!Epochs.IsOne(epoch) || !all.Any(f => f.Invites(site)))
            return false;
        _said[site] = epoch;
        // What more than half of all have heard of at least. Where whoever comes may, the first who did are not all, and one alone never is.
        int most = (all.Sum(f => Math.Max(f.Roster.Count, f.Plan?.Anyone?.Least ?? 0)) / 2) + 1;
        int needed = all.Any(f => f.Plan?.Anyone is not null) ? Math.Max(2, most) : most;
        // As long as too few have spoken of later ones, nothing is counted in order: of thousands each speaks every second.
        int later = _said.Values.Count(said => said > federation.Epoch);
        int agreed = later < needed ? 0
            : all.SelectMany(f => f.Roster.TakingPart).Select(client => _said.GetValueOrDefault(client)).OrderDescending().ElementAtOrDefault(needed - 1);
        if (agreed > federation.Epoch)
            return Heard(agreed);
        bool soon = _read is { } read && clock.GetElapsedTime(read) < ReadAgain;
        if (!soon)
            _read = clock.GetTimestamp();
        return !soon;
    }
}
