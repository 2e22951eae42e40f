namespace FedKim.Learning.Tests;

/// <summary>A clock that moves only when it is told to.</summary>
internal sealed class StandingClock : TimeProvider
{
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public void Pass(TimeSpan time) => _now += time.Ticks;
}
