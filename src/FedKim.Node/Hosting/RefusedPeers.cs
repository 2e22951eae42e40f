using Serilog;

namespace FedKim.Node.Hosting;

/// <summary>Says who was refused or cut off, and why: the same at most once a minute, and all together some lines a minute, however often it is tried.</summary>
internal sealed class RefusedPeers(ILogger log, TimeProvider clock)
{
    private const int MostLines = 30;
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(1);

    private readonly Lock _turn = new();
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);
    private long _began;
    private int _unsaid;

    /// <summary>Says it. Called from any thread.</summary>
    /// <param name="who">Who it was; text of the peer's.</param>
    /// <param name="what">What became of it.</param>
    /// <returns>Whether it was said.</returns>
    public bool Say(string who, string what)
    {
        int unsaid = 0;
        lock (_turn)
        {
            if (_began == 0 || clock.GetElapsedTime(_began) > Again)
            {
                (unsaid, _unsaid, _began) = (_unsaid, 0, clock.GetTimestamp());
                _said.Clear();
            }
            // What time it is here stands behind a semicolon, and is another one each time.
            if (_said.Count >= MostLines || !_said.Add($"{who} {what.Split(';', 2)[0]}"))
            {
                _unsaid++;
                return false;
            }
        }
        if (unsaid > 0)
            log.Warning("{Count} more were refused in the minute before, or the same ones again", unsaid);
        log.Warning("{Peer} {What:l}", who, what);
        return true;
    }
}
