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
    private readonly Dictionary<RoundId, RoundSpool> _known = [];
    private readonly HashSet<RoundId> _open = [];

    /// <param name="folder">The folder, which is made if it is missing.</param>
    public Spool(string folder) => _folder = Directory.CreateDirectory(folder).FullName;

    /// <summary>What the folder suffers now.</summary>
    public FolderHealth Health { get; } = new("the server's spool");

    /// <summary>Whether an earlier process left updates of any round.</summary>
    public bool HoldsAny => Directory.Exists(_folder) && Directory.EnumerateDirectories(_folder).Any();

    /// <summary>Compares all that an earlier process left with its digests, so that nobody waits for it later; what is damaged goes, and what cannot be read is told.</summary>
    /// <param name="lost">Told of each update that is damaged.</param>
    /// <param name="stop">Leaves the rest to those who need it.</param>
    public void CheckAll(Action<RoundId, Digest> lost, CancellationToken stop = default)
    {
        try
        {
            foreach (string folder in Directory.EnumerateDirectories(_folder))
            {
                if (RoundId.OfFileName(Path.GetFileName(folder)) is { } round)
                    Known(round).CheckAll(digest => lost(round, digest), stop);
            }
        }
        catch (Exception e) when (Health.Met("listing", e) is not null)
        {
            // Whoever needs an update checks it.
        }
    }

    /// <summary>The round's spool, which takes updates from now on; opened again after a crash it goes on with what it holds.</summary>
    public RoundSpool Open(RoundId round)
    {
        lock (_turn)
        {
            _open.Add(round);
            return Known(round);
        }
    }

    /// <summary>The round's spool; null when the round is not open here.</summary>
    public RoundSpool? Find(RoundId round)
    {
        lock (_turn)
            return _open.Contains(round) ? Known(round) : null;
    }

    /// <summary>Takes no more of a round's updates; the action returned destroys key and ciphertext, which waits for the disk.</summary>
    public Action End(RoundId round)
    {
        lock (_turn)
        {
            var spool = Forget(round);
            return () => Destroy(spool);
        }
    }

    /// <summary>Takes no more of a round's updates and keeps what it has, until the round is opened again.</summary>
    public void Rest(RoundId round)
    {
        lock (_turn)
        {
            if (_open.Remove(round))
                Known(round).Owners.Forget();
        }
    }

    /// <summary>Ends all rounds but these, and those that an earlier process left; as <see cref="End"/> does.</summary>
    public Action EndAllBut(IReadOnlyCollection<RoundId> rounds)
    {
        lock (_turn)
        {
            List<RoundSpool> ended = [.. _known.Keys.Except(rounds).ToArray().Select(Forget)];
            var kept = rounds.Select(FolderOf).Concat(ended.Select(s => s.Folder)).ToHashSet(StringComparer.Ordinal);
            if (Directory.Exists(_folder))
                ended.AddRange(Directory.EnumerateDirectories(_folder).Where(f => !kept.Contains(f)).Select(f => new RoundSpool(f, Health)));
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

    private RoundSpool Known(RoundId round)
    {
        lock (_turn)
        {
            if (!_known.TryGetValue(round, out var spool))
                _known.Add(round, spool = new RoundSpool(FolderOf(round), Health));
            return spool;
        }
    }

    private RoundSpool Forget(RoundId round)
    {
        var spool = Known(round);
        _known.Remove(round);
        _open.Remove(round);
        return spool;
    }

    private string FolderOf(RoundId round) => Path.Combine(_folder, round.FileName);
}
