using FedKim.Rounds;

namespace FedKim.Actors.Links;

/// <summary>
/// At which door is tried next, and after what pause: every server's in turn, the next one at once, and after a whole turn in vain a second,
/// then longer, five at most. Sites that lost a server together do not come back together.
/// </summary>
/// <param name="doors">The doors, at least one.</param>
/// <param name="seed">Seed of the jitter.</param>
internal sealed class Redial(IReadOnlyList<string> doors, SeededGenerator seed)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(5);

    private const double Jitter = 0.2;

    private int _door;
    private int _inVain;

    /// <summary>The door to try now.</summary>
    public string Door => doors[_door];

    /// <summary>The line stood: whatever comes next is a new beginning.</summary>
    public void Stood() => _inVain = 0;

    /// <summary>The line or the attempt has ended: turns to the next door.</summary>
    /// <returns>How long to wait before it is tried.</returns>
    public TimeSpan Next()
    {
        _door = (_door + 1) % doors.Count;
        _inVain++;
        if (_inVain % doors.Count != 0)
            return TimeSpan.Zero;
        int turns = _inVain / doors.Count;
        double seconds = Math.Min(Most.TotalSeconds, First.TotalSeconds * Math.Pow(1.5, turns - 1));
        return TimeSpan.FromSeconds(Math.Min(Most.TotalSeconds, seconds * (1 - Jitter + (2 * Jitter * seed.NextDouble()))));
    }
}
