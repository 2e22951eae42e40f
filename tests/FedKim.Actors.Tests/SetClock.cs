namespace FedKim.Actors.Tests;

/// <summary>A clock that moves only when it is told to; the one on its wall can be set.</summary>
internal sealed class SetClock : TimeProvider
{
    private TimeSpan _forward;

    public DateTimeOffset Wall { get; set; } = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _forward.Ticks;

    public override DateTimeOffset GetUtcNow() => Wall;

    public void Passes(TimeSpan time) => (_forward, Wall) = (_forward + time, Wall + time);
}
