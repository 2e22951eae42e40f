namespace FedKim.Actors.Server;

/// <summary>The time between two beats, by two clocks: one that nobody sets, and the one on the wall, which a suspended machine finds ahead.</summary>
internal sealed class Pulse(TimeProvider clock)
{
    private DateTimeOffset _wall = clock.GetUtcNow();

    /// <summary>When it beat last, by the clock that nobody sets.</summary>
    public long Last { get; private set; } = clock.GetTimestamp();

    /// <summary>Beats.</summary>
    /// <returns>The time since the beat before, and how much further the clock on the wall went.</returns>
    public (TimeSpan Elapsed, TimeSpan Ahead) Beat()
    {
        var (now, wall) = (clock.GetTimestamp(), clock.GetUtcNow());
        var elapsed = clock.GetElapsedTime(Last, now);
        var ahead = wall - _wall - elapsed;
        (Last, _wall) = (now, wall);
        return (elapsed, ahead);
    }
}
