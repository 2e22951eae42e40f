namespace FedKim.Node.Links;

/// <summary>Lets so many through in a span of time, and makes whoever is faster wait: what a site says waits in its own pipe then.</summary>
/// <param name="most">How many.</param>
/// <param name="span">In what time.</param>
/// <param name="clock">The only source of time.</param>
internal sealed class Pace(int most, TimeSpan span, TimeProvider clock)
{
    private long _began = clock.GetTimestamp();
    private int _count;

    /// <summary>Ends when the next one may pass.</summary>
    public async ValueTask NextAsync(CancellationToken cancel)
    {
        if (++_count <= most)
            return;
        var left = span - clock.GetElapsedTime(_began);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, clock, cancel);
        (_began, _count) = (clock.GetTimestamp(), 1);
    }
}
