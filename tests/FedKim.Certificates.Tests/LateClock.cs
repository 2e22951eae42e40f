namespace FedKim.Certificates.Tests;

/// <summary>A clock that a test can put on.</summary>
internal sealed class LateClock : TimeProvider
{
    private TimeSpan _later;

    /// <summary>Lets time pass.</summary>
    public void Passes(TimeSpan time) => _later += time;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _later;
}
