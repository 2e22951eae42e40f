namespace FedKim.Actors.Server;

/// <summary>
/// How far a site's clock is off the server's. A hello takes a while on its way, in which the site's clock seems to be behind: of the latest
/// ones the fastest tells most.
/// </summary>
internal sealed class ClockOffset
{
    private const int Latest = 10;

    private static readonly TimeSpan Said = TimeSpan.FromSeconds(5);

    private readonly Queue<TimeSpan> _seen = new(Latest);

    /// <summary>Notes a hello.</summary>
    /// <param name="site">What the site's clock showed when it said it, in ticks (UTC); 0 where it does not say.</param>
    /// <param name="now">What the server's shows now.</param>
    public void Saw(long site, DateTimeOffset now)
    {
        if (site is <= 0 or > 3_155_378_975_999_999_999)
            return;
        if (_seen.Count == Latest)
            _seen.Dequeue();
        _seen.Enqueue(TimeSpan.FromTicks(site - now.UtcTicks));
    }

    /// <summary>In words; empty while it is a few seconds at most.</summary>
    public override string ToString()
    {
        if (_seen.Count == 0 || _seen.Max() is var offset && offset.Duration() < Said)
            return "";
        var off = _seen.Max().Duration();
        string much = off.TotalDays >= 2 ? $"{(int)off.TotalDays} days" : off.TotalHours >= 1 ? $"{(int)off.TotalHours} h {off.Minutes} min" : off.TotalMinutes >= 1 ? $"{off.Minutes} min {off.Seconds} s" : $"{off.Seconds} s";
        return $"{much} {(_seen.Max() > TimeSpan.Zero ? "ahead" : "behind")}";
    }
}
