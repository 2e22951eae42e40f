namespace FedKim.Rounds;

/// <summary>
/// A limit that passes only while whoever keeps it could have heard an answer. It is told of a heartbeat: the time between two beats counts,
/// but at most twice the beat. A beat that is very late tells of a gap (a frozen process, a suspended machine, a journal that was away):
/// nothing of the gap counts, and the rest of the limit begins when those who were here before it are heard again. A late beat never ends
/// the limit: what was said meanwhile is still to be read.
/// </summary>
public sealed record AttentiveTime
{
    /// <summary>How long those who were here before a gap are listened for, before the rest of the limit passes without them.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long it is listened at least: what was said before a gap, and waited in queues and sockets, is heard after it as if its speaker were
    /// still here.
    /// </summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    private const int Beats = 20;
    private const int LeastBeatsAfterGap = 5;
    private static readonly TimeSpan ShortestGap = TimeSpan.FromSeconds(1);

    /// <param name="limit">How long it lasts.</param>
    /// <param name="listening">True when it begins as after a gap: nobody is known to hear yet.</param>
    public AttentiveTime(TimeSpan limit, bool listening = false) =>
        (Limit, Left, Listening) = (limit, limit, listening ? Grace : TimeSpan.Zero);

    /// <summary>How long it lasts.</summary>
    public TimeSpan Limit { get; }

    /// <summary>What is left of it.</summary>
    public TimeSpan Left { get; private init; }

    /// <summary>How long it may still be listened for those who were here before a gap; zero while the limit passes.</summary>
    public TimeSpan Listening { get; private init; }

    /// <summary>Whether it has passed.</summary>
    public bool IsOver => Left <= TimeSpan.Zero;

    /// <summary>How often it wants to be told that time passes.</summary>
    public TimeSpan Beat => BeatOf(Limit);

    /// <summary>The beat of a limit: a twentieth, from a tenth of a second to one second.</summary>
    public static TimeSpan BeatOf(TimeSpan limit) =>
        TimeSpan.FromTicks(Math.Clamp(limit.Ticks / Beats, TimeSpan.TicksPerSecond / 10, TimeSpan.TicksPerSecond));

    /// <summary>After the next beat.</summary>
    /// <param name="elapsed">Time since the beat before, by a clock that nobody sets.</param>
    /// <param name="hears">Whether all who are waited for and were here before the latest gap were heard since.</param>
    /// <param name="ahead">
    /// How much further the clock on the wall went: a suspended machine counts that time nowhere else. One that was set only means to listen for
    /// a moment.
    /// </param>
    public AttentiveTime After(TimeSpan elapsed, bool hears, TimeSpan ahead = default)
    {
        var most = Beat + Beat;
        if (elapsed > (most > ShortestGap ? most : ShortestGap) || ahead.Duration() > ShortestGap)
            return Interrupted();
        var counted = elapsed < most ? elapsed : most;
        if (Listening > TimeSpan.Zero)
        {
            var rest = Longer(Listening - counted, TimeSpan.Zero);
            return this with { Listening = hears && Grace - rest >= Settling ? TimeSpan.Zero : rest };
        }

        bool late = elapsed > most;
        return this with { Left = late ? Longer(Left - counted, Shorter(Left, Beat)) : Left - counted };
    }

    /// <summary>After a time in which nobody could be heard, whatever its length.</summary>
    public AttentiveTime Interrupted() => this with { Left = Longer(Left, Shorter(Limit, Beat * LeastBeatsAfterGap)), Listening = Grace };

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
