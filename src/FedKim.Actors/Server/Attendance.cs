using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>
/// Who can be heard, and whose silence is not their own fault: after a time in which this process heard nobody, those who were here before it
/// look for the server and join again. For a while nothing is held against them, in whatever round they are waited for.
/// </summary>
internal sealed class Attendance(TimeProvider clock)
{
    /// <summary>How often it is to be told that time passes.</summary>
    public static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(0.5);

    /// <summary>How long after a gap a silence is not held against those who were here before it.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <summary>What was said before a gap, and waited in queues and sockets, is heard for so long after it as if its speaker were still here.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    /// <summary>Who said hello no longer ago than this can be heard.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(2.5);

    private readonly Pulse _pulse = new(clock);
    private readonly Dictionary<string, long> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _before = new(StringComparer.Ordinal);
    private bool _everybody;
    private long? _gap;

    /// <summary>This one said hello.</summary>
    public void Saw(string who) => _seen[who] = clock.GetTimestamp();

    /// <summary>Another server was here before this one: everybody may be on the way.</summary>
    public void TakeOver() => (_everybody, _gap) = (true, clock.GetTimestamp());

    /// <summary>Time passes; a beat that is very late tells of a gap.</summary>
    public void Beat()
    {
        long last = _pulse.Last;
        var (elapsed, ahead) = _pulse.Beat();
        if (_gap is { } gap && clock.GetElapsedTime(gap, last) >= Grace)
            (_gap, _everybody) = (null, false);
        if (!AttentiveTime.IsGap(BeatEvery, elapsed, ahead))
            return;
        if (_gap is null)
            _before.Clear();
        _before.UnionWith(_seen.Where(s => clock.GetElapsedTime(s.Value, last) < Lately).Select(s => s.Key));
        _gap = clock.GetTimestamp();
    }

    /// <summary>Whether this one's silence counts against it: it can be heard, or its being away is not the server's fault.</summary>
    public bool Counts(string who) =>
        _gap is not { } gap || !(_everybody || _before.Contains(who)) || (clock.GetElapsedTime(gap) >= Settling && IsHeard(who));

    private bool IsHeard(string who) => _seen.TryGetValue(who, out long seen) && clock.GetElapsedTime(seen) < Lately;
}
