using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>
/// What a node's coordinators were told of later epochs than their own; it outlives them. One site's word alone moves nobody: it has the coordinator
/// read the journal again, once a minute, which knows of any that leads. A journal that was restored does not; there more than half of the invited
/// sites count, or the injector, and its coordinator goes past what they have heard of at once, and not one by one.
/// </summary>
/// <remarks>Used by one coordinator at a time, each of which begins after the one before has ended.</remarks>
public sealed class HeardEpoch
{
    // A federation that took over every second would be here in thirty years.
    private const int Most = 1_000_000_000;

    private static readonly TimeSpan ReadAgain = TimeSpan.FromMinutes(1);

    private readonly Dictionary<ClientId, int> _said = [];
    private long? _read;

    /// <summary>The latest that counts; 0 before the first.</summary>
    public int Value { get; private set; }

    /// <summary>The injector spoke of this epoch, which is later than the coordinator's.</summary>
    /// <returns>Whether the coordinator is to begin anew.</returns>
    internal bool Heard(int epoch)
    {
        if (epoch is < 0 or > Most)
            return false;
        Value = Math.Max(Value, epoch);
        return true;
    }

    /// <summary>A site spoke of this epoch, which is later than the coordinator's.</summary>
    /// <param name="site">The site; one that is not invited does not count.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="own">The coordinator's.</param>
    /// <param name="invited">Whom its federation invites.</param>
    /// <param name="clock">The only source of time.</param>
    /// <returns>Whether the coordinator is to begin anew.</returns>
    internal bool Heard(ClientId site, int epoch, int own, IReadOnlyCollection<ClientId> invited, TimeProvider clock)
    {
        if (epoch is < 0 or > Most || !invited.Contains(site))
            return false;
        _said[site] = epoch;
        // What more than half of all have heard of at least.
        int[] said = [.. invited.Select(client => _said.GetValueOrDefault(client)).OrderDescending()];
        int agreed = said[invited.Count / 2];
        if (agreed > own)
            return Heard(agreed);
        bool soon = _read is { } read && clock.GetElapsedTime(read) < ReadAgain;
        if (!soon)
            _read = clock.GetTimestamp();
        return !soon;
    }
}
