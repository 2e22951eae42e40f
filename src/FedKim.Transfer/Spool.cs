using FedKim.Rounds;

namespace FedKim.Transfer;

/// <summary>
/// The hospitals' updates at the server, a folder and a key for each open round. A round's updates live as long as the round: then its key
/// is overwritten, synced and removed, and the ciphertext goes. What a crash left of rounds that ended meanwhile goes at the next
/// <see cref="EndAllBut"/>.
/// </summary>
/// <remarks>Safe for concurrent use. One process owns the folder.</remarks>
public sealed class Spool
{
    private readonly Lock _turn = new();
    private readonly Lock _destroying = new();
    private readonly string _folder;
    private readonly Dictionary<RoundId, RoundSpool> _open = [];

    /// <param name="folder">The folder, which is made if it is missing.</param>
    public Spool(string folder) => _folder = Directory.CreateDirectory(folder).FullName;

    /// <summary>What the folder suffers now.</summary>
    public FolderHealth Health { get; } = new("the server's spool");

    /// <summary>Whether an earlier process left updates of any round.</summary>
    public bool HoldsAny => Directory.Exists(_folder) && Directory.EnumerateDirectories(_folder).Any();

    /// <summary>The round's spool, which takes updates from now on; opened again after a crash it goes on with what it holds.</summary>
    public RoundSpool Open(RoundId round)
    {
        lock (_turn)
        {
            if (!_open.TryGetValue(round, out var spool))
                _open.Add(round, spool = new RoundSpool(FolderOf(round)));
            return spool;
        }
    }

    /// <summary>The round's spool; null when the round is not open here.</summary>
    public RoundSpool? Find(RoundId round)
    {
        lock (_turn)
            return _open.GetValueOrDefault(round);
    }

    /// <summary>Takes no more of a round's updates; the action returned destroys key and ciphertext, which waits for the disk.</summary>
    public Action End(RoundId round)
    {
        lock (_turn)
        {
            var spool = Open(round);
            _open.Remove(round);
            return () => Destroy(spool);
        }
    }

    /// <summary>Takes no more of a round's updates and keeps what it has, until the round is opened again.</summary>
    public void Rest(RoundId round)
    {
        lock (_turn)
            _open.Remove(round);
    }

    /// <summary>Ends all rounds but these, and those that an earlier process left; as <see cref="End"/> does.</summary>
    public Action EndAllBut(IReadOnlyCollection<RoundId> rounds)
    {
        lock (_turn)
        {
            var kept = rounds.Select(FolderOf).ToHashSet(StringComparer.Ordinal);
            List<RoundSpool> ended = [];
            foreach (var (id, spool) in _open.Where(s => !rounds.Contains(s.Key)).ToArray())
            {
                _open.Remove(id);
                ended.Add(spool);
            }

            if (Directory.Exists(_folder))
                ended.AddRange(Directory.EnumerateDirectories(_folder).Where(f => !kept.Contains(f)).Select(f => new RoundSpool(f)));
            return () => ended.ForEach(Destroy);
        }
    }

    /// <summary>Removes what has arrived of uploads that nobody went on with since then.</summary>
    /// <param name="before">In UTC.</param>
    public void Sweep(DateTime before)
    {
        foreach (string round in Directory.EnumerateDirectories(_folder))
            WeightStore.Sweep(round, before);
    }

    // One after another: a round's end and the sweep after it may meet in the same folder.
    private void Destroy(RoundSpool spool)
    {
        lock (_destroying)
            spool.Destroy();
    }

    private string FolderOf(RoundId round) => Path.Combine(_folder, $"{round.Federation}-{round.Number}");
}
