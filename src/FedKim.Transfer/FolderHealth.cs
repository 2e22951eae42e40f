using FedKim.Parameters;

namespace FedKim.Transfer;

/// <summary>
/// What a folder of the node suffers now. Whoever uses the folder tells; a trouble stands until the same is done with success, or until
/// nobody has met it again for a while.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
/// <param name="place">The folder in words that may leave the node, e.g. <c>the server's spool</c>.</param>
public sealed class FolderHealth(string place)
{
    // Sites whose transfers fail try again within this time.
    private static readonly TimeSpan Stands = TimeSpan.FromSeconds(15);

    private readonly Lock _turn = new();
    private readonly Dictionary<string, (FileTrouble Trouble, long At)> _troubles = new(StringComparer.Ordinal);

    /// <summary>Told of every trouble and fault met, for the node's own log.</summary>
    public Action<string, Exception> Told { get; set; } = (_, _) => { };

    /// <summary>By which it knows how long ago a trouble was met.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>What is wrong; null when nothing is.</summary>
    public FileTrouble? Now
    {
        get
        {
            lock (_turn)
            {
                foreach (string old in _troubles.Where(t => Clock.GetElapsedTime(t.Value.At) > Stands).Select(t => t.Key).ToArray())
                    _troubles.Remove(old);
                return _troubles.OrderBy(t => t.Key, StringComparer.Ordinal).FirstOrDefault().Value.Trouble;
            }
        }
    }

    /// <summary>Notes the trouble an exception tells of.</summary>
    /// <param name="doing">What was done with the folder.</param>
    /// <returns>Null when it tells of none with files.</returns>
    public FileTrouble? Met(string doing, Exception e)
    {
        if (FileTrouble.Of(e, place) is not { } trouble)
            return null;
        lock (_turn)
            _troubles[doing] = (trouble, Clock.GetTimestamp());
        Told(trouble.ToString(), e);
        return trouble;
    }

    /// <summary>The same was done with success.</summary>
    public void Well(string doing)
    {
        lock (_turn)
            _troubles.Remove(doing);
    }
}
