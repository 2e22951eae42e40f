namespace FedKim.Rounds;

/// <summary>
/// A limit that passes only while whoever keeps it could have heard an answer. It is told of a heartbeat: the time between two beats counts,
/// but at most twice the beat, and only while those who are waited for can be heard. A beat that is very late tells of a gap (a frozen process,
/// a suspended machine): nothing of it counts. A late beat never ends the limit: what was said meanwhile is still to be read.
/// </summary>
public sealed record AttentiveTime
{
    /// <summary>How much of a limit is left at least after a gap, if it was so long: whoever was not answered says it again.</summary>
    public static readonly TimeSpan LeastAfterGap = TimeSpan.FromSeconds(5);

    private const int Beats = 20;
    private static readonly TimeSpan ShortestGap = TimeSpan.FromSeconds(1);

    /// <param name="limit">How long it lasts.</param>
    public AttentiveTime(TimeSpan limit) => (Limit, Left) = (limit, limit);

    /// <summary>How long it lasts.</summary>
    public TimeSpan Limit { get; }

    /// <summary>What is left of it.</summary>
    public TimeSpan Left { get; private init; }

    /// <summary>Whether it has passed.</summary>
    public bool IsOver => Left <= TimeSpan.Zero;

    /// <summary>How often it wants to be told that time passes.</summary>
    public TimeSpan Beat => BeatOf(Limit);

    /// <summary>The beat of a limit: a twentieth, from a tenth of a second to one second.</summary>
    public static TimeSpan BeatOf(TimeSpan limit) =>
        TimeSpan.FromTicks(Math.Clamp(limit.Ticks / Beats, TimeSpan.TicksPerSecond / 10, TimeSpan.TicksPerSecond));

    /// <summary>Whether nobody could be heard between two beats.</summary>
    /// <param name="beat">How often it should beat.</param>
    /// <param name="elapsed">Time since the beat before, by a clock that nobody sets.</param>
    /// <param name="ahead">
    /// How much further the clock on the wall went: a suspended machine counts that time nowhere else. One that was set only means to listen for
    /// a moment.
    /// </param>
    public static bool IsGap(TimeSpan beat, TimeSpan elapsed, TimeSpan ahead) =>
        elapsed > Longer(beat + beat, ShortestGap) || ahead.Duration() > ShortestGap;

    /// <summary>After the next beat.</summary>
    /// <param name="elapsed">See <see cref="IsGap"/>.</param>
    /// <param name="hears">Whether all who are waited for can be heard, as far as that is not their own fault.</param>
    /// <param name="ahead">See <see cref="IsGap"/>.</param>
    public AttentiveTime After(TimeSpan elapsed, bool hears, TimeSpan ahead = default)
    {
        if (IsGap(Beat, elapsed, ahead))
            return Interrupted();
        if (!hears)
            return this;
        var most = Beat + Beat;
        return this with { Left = elapsed > most ? Longer(Left - most, Shorter(Left, Beat)) : Left - elapsed };
    }

    /// <summary>After a time in which nobody could be heard, whatever its length.</summary>
    public AttentiveTime Interrupted() => this with { Left = Longer(Left, Shorter(Limit, LeastAfterGap)) };

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
