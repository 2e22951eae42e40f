using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>
/// Who can be heard, and whose silence is not their own fault: after a time in which this process heard nobody, those who were here before it
/// look for the server and join again. For a while nothing is held against them, in whatever round they are waited for.
/// </summary>
internal sealed class Attendance(TimeProvider clock)
{
    /// <summary>How often it is to be told that time passes.</summary>
    public static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(1);

    /// <summary>How long after a gap a silence is not held against those who were here before it.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <summary>How long at most, where gap follows gap before they are back.</summary>
    public static readonly TimeSpan MostGrace = Grace + Grace;

    /// <summary>What was said before a gap, and waited in queues and sockets, is heard for so long after it as if its speaker were still here.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    /// <summary>Who said hello no longer ago than this can be heard.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(2.5);

    // No site's name.
    private const string Everybody = "*";

    private readonly Pulse _pulse = new(clock);
    private readonly Dictionary<string, long> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (TimeSpan Left, TimeSpan Waited)> _graced = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _heard = new(StringComparer.Ordinal);
    private TimeSpan _sinceGap = Settling;
    private TimeSpan _listened, _deaf;

    /// <summary>Whether a gap was so short a time ago that what is heard may be from before it.</summary>
    public bool IsSettling => _sinceGap < Settling;

    /// <summary>This one said hello.</summary>
    public void Saw(string who) => (_seen[who], _heard[who]) = (clock.GetTimestamp(), _listened);

    /// <summary>
    /// How long this one was silent, by the time in which it could have been heard since this process listens: neither a gap counts nor the time
    /// in which those who were here before it look for the server.
    /// </summary>
    public TimeSpan SilenceOf(string who) => _listened - _heard.GetValueOrDefault(who);

    /// <summary>Another server was here before this one: everybody may be on the way.</summary>
    public void TakeOver() => (_graced[Everybody], _sinceGap, _deaf) = ((Grace, TimeSpan.Zero), TimeSpan.Zero, Grace);

    /// <summary>Whether this one was heard at all since this process listens.</summary>
    public bool WasHeard(string who) => _heard.ContainsKey(who);

    /// <summary>Time passes; a beat that is very late tells of a gap, of which nothing counts.</summary>
    public void Beat()
    {
        long last = _pulse.Last;
        var (elapsed, ahead) = _pulse.Beat();
        bool gap = AttentiveTime.IsGap(BeatEvery, elapsed, ahead);
        if (!gap)
            _sinceGap += elapsed;
        if (gap)
            _deaf = Grace;
        else if (_deaf > TimeSpan.Zero)
            _deaf -= elapsed;
        else
            _listened += elapsed;
        foreach (var (who, (left, waited)) in _graced.ToArray())
        {
            var now = gap ? (Left: Grace, Waited: waited) : (Left: left - elapsed, Waited: waited + elapsed);
            if (now.Left <= TimeSpan.Zero || now.Waited >= MostGrace)
                _graced.Remove(who);
            else
                _graced[who] = now;
        }

        if (!gap)
            return;
        _sinceGap = TimeSpan.Zero;
        foreach (var (who, seen) in _seen)
        {
            if (clock.GetElapsedTime(seen, last) < Lately)
                _graced.TryAdd(who, (Grace, TimeSpan.Zero));
        }
    }

    /// <summary>Whether this one's silence counts against it: it can be heard, or its being away is not the server's fault.</summary>
    public bool Counts(string who) => !(_graced.ContainsKey(who) || _graced.ContainsKey(Everybody)) || (!IsSettling && IsHeard(who));

    private bool IsHeard(string who) => _seen.TryGetValue(who, out long seen) && clock.GetElapsedTime(seen) < Lately;
}
