using Akka.Actor;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>Keeps a limit for an actor by a heartbeat of its own: <see cref="Tick"/>, which the actor gets and answers with <see cref="Beat"/>.</summary>
internal sealed class LimitWatch(ITimerScheduler timers, TimeProvider clock)
{
    // Where nothing limits a wait, its owner still looks about now and then.
    private static readonly TimeSpan Unlimited = TimeSpan.FromSeconds(1);

    private AttentiveTime? _time;
    private TimeSpan _discount;
    private long _last;
    private DateTimeOffset _wall;

    /// <summary>Whether it listens, after a gap, for those who were here before it.</summary>
    public bool IsListening => _time is { Listening.Ticks: > 0 };

    /// <summary>Whether it does since the last beat.</summary>
    public bool BeginsToListen { get; private set; }

    /// <summary>Begins anew with this limit; null limits nothing.</summary>
    /// <param name="listening">True when nobody is known to hear yet.</param>
    public void Begin(TimeSpan? limit, bool listening)
    {
        (_time, _last, _wall, _discount) = (limit is { } l ? new AttentiveTime(l, listening) : null, clock.GetTimestamp(), clock.GetUtcNow(), TimeSpan.Zero);
        Next();
    }

    /// <summary>Limits nothing any more, and beats no more.</summary>
    public void End()
    {
        _time = null;
        timers.Cancel(nameof(Tick));
    }

    /// <summary>Leaves out time in which the owner could hear nobody.</summary>
    public void Discount(TimeSpan deaf) => _discount += deaf;

    /// <summary>Counts the time since the last beat.</summary>
    /// <param name="hears">See <see cref="AttentiveTime.After"/>.</param>
    /// <param name="halts">Whether the limit stands still: what is waited for cannot come.</param>
    /// <returns>Whether the limit has passed.</returns>
    public bool Beat(bool hears, bool halts = false)
    {
        var passed = clock.GetElapsedTime(_last);
        var elapsed = passed - _discount;
        var ahead = clock.GetUtcNow() - _wall - passed;
        (_last, _wall, _discount) = (clock.GetTimestamp(), clock.GetUtcNow(), TimeSpan.Zero);
        Next();
        if (_time is not { } before)
            return false;
        _time = halts ? before.Interrupted() : before.After(elapsed > TimeSpan.Zero ? elapsed : TimeSpan.Zero, hears, ahead);
        BeginsToListen = _time.Listening > before.Listening;
        return _time.IsOver;
    }

    private void Next() => timers.StartSingleTimer(nameof(Tick), new Tick(), _time?.Beat ?? Unlimited);

    /// <summary>A beat of the actor's own timer.</summary>
    internal sealed record Tick;
}
