using Akka.Actor;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>
/// Keeps a limit for an actor by a heartbeat of its own: <see cref="Tick"/>, which the actor gets and answers with <see cref="Beat"/>. It passes
/// only while those who are waited for can be heard, which the <see cref="SiteDirectory"/> says.
/// </summary>
internal sealed class LimitWatch(ITimerScheduler timers, ServerContext server)
{
    // Where nothing limits a wait, its owner still looks about now and then.
    private static readonly TimeSpan Unlimited = TimeSpan.FromSeconds(1);

    private AttentiveTime? _time;
    private Pulse _pulse = new(server.Clock);
    private TimeSpan _discount;
    private bool _hears;

    /// <summary>Whether the injector's node is known to be away.</summary>
    public bool InjectorIsAway { get; private set; }

    /// <summary>Begins anew with this limit; null limits nothing.</summary>
    /// <param name="limit">How long it lasts.</param>
    /// <param name="whom">Who is waited for.</param>
    public void Begin(TimeSpan? limit, SiteDirectory.Listen whom)
    {
        (_time, _pulse, _discount, _hears) = (limit is { } l ? new AttentiveTime(l) : null, new Pulse(server.Clock), TimeSpan.Zero, false);
        Next(whom);
    }

    /// <summary>Limits nothing any more, and beats no more.</summary>
    public void End()
    {
        _time = null;
        timers.Cancel(nameof(Tick));
    }

    /// <summary>Leaves out time in which the owner could hear nobody.</summary>
    public void Discount(TimeSpan deaf) => _discount += deaf;

    /// <summary>What the directory says.</summary>
    public void Heard(SiteDirectory.Heard heard) => (_hears, InjectorIsAway) = (heard.Everybody, !heard.InjectorIsPresent);

    /// <summary>Counts the time since the last beat.</summary>
    /// <param name="whom">Who is waited for.</param>
    /// <param name="halts">Whether the limit stands still: what is waited for cannot come.</param>
    /// <returns>Whether the limit has passed.</returns>
    public bool Beat(SiteDirectory.Listen whom, bool halts)
    {
        var (passed, ahead) = _pulse.Beat();
        var elapsed = passed - _discount;
        _time = halts ? _time?.Interrupted() : _time?.After(elapsed > TimeSpan.Zero ? elapsed : TimeSpan.Zero, _hears, ahead);
        // What was heard before a gap says nothing of after it.
        (_discount, _hears) = (TimeSpan.Zero, false);
        Next(whom);
        return _time is { IsOver: true };
    }

    private void Next(SiteDirectory.Listen whom)
    {
        server.Directory.Tell(whom);
        timers.StartSingleTimer(nameof(Tick), new Tick(), _time?.Beat ?? Unlimited);
    }

    /// <summary>A beat of the actor's own timer.</summary>
    internal sealed record Tick;
}
