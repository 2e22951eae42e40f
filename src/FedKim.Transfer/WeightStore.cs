using System.Collections.Concurrent;
using System.Collections.Immutable;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Transfer;

/// <summary>
/// A folder of weight files, each named by its digest. A file is there whole and checked, or it is not there;
/// what has arrived of an unfinished transfer waits beside it as <c>&lt;digest&gt;.part</c>. What a disk does to a file later shows
/// when it is read: every reader compares the bytes with the digest (<see cref="Get"/>), and tells the store, which takes the file away:
/// whoever needs it gets it from others. A file that an earlier process left is compared before it counts as there; one that cannot be read
/// does not, and stays where it is until a whole one comes in: it may be the disk that passes.
/// </summary>
/// <remarks>Safe for concurrent use. One process owns a folder.</remarks>
public sealed class WeightStore
{
    private const string PartSuffix = ".part";
    private const string GoneSuffix = ".gone";

    private readonly string _folder;
    private readonly bool _copies;
    private readonly RoundKey? _key;
    private readonly ConcurrentDictionary<Digest, bool> _checked = [];
    private readonly ConcurrentDictionary<Digest, ImmutableDictionary<string, long>> _seen = [];
    private readonly ConcurrentDictionary<Digest, bool> _wanted = [];
    private readonly Rechecks _rechecks;
    private readonly DigestLocks _locks = new();
    private int _discarded;

    /// <summary>The store in this folder, which is made if it is missing.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="copies">
    /// False: a file is synced to disk before it counts as there. True where each can be had again: none waits for the disk.
    /// </param>
    public WeightStore(string folder, bool copies = false)
        : this(folder, copies, new FolderHealth("the weights folder"))
    {
    }

    /// <summary>A store whose files are enciphered as they come in; see <see cref="RoundSpool"/>.</summary>
    internal WeightStore(string folder, RoundKey key, FolderHealth health)
        : this(folder, copies: true, health) => _key = key;

    private WeightStore(string folder, bool copies, FolderHealth health)
    {
        (_folder, _copies, _rechecks, Health) = (Directory.CreateDirectory(folder).FullName, copies, new Rechecks(Verify), health);
        foreach (string gone in Directory.EnumerateFiles(_folder, $"*{GoneSuffix}"))
            TryDelete(gone);
    }

    /// <summary>Whether each file can be had again from a server; where not, nobody but the server drops any.</summary>
    public bool HoldsCopies => _copies;

    /// <summary>What the folder suffers now.</summary>
    public FolderHealth Health { get; }

    /// <summary>Told the digest of a file that was found damaged or gone, after it was taken away.</summary>
    public event Action<Digest>? Lost;

    /// <summary>True when the file is there, whole.</summary>
    public bool Has(Digest digest) => Digest.TryParse(digest.Hex, out _) && File.Exists(PathOf(digest)) && (_checked.ContainsKey(digest) || Check(digest));

    /// <summary>What was seen of an update's values as it came in; null for plain files, and for what an earlier process left.</summary>
    internal ImmutableDictionary<string, long>? NonFinite(Digest digest) => _seen.GetValueOrDefault(digest);

    /// <summary>Checks all that an earlier process left, so that nobody waits for it later; what is damaged goes, and what cannot be read is told.</summary>
    /// <param name="stop">Leaves the rest to those who need it.</param>
    public void CheckAll(CancellationToken stop = default)
    {
        try
        {
            foreach (var digest in List().TakeWhile(_ => !stop.IsCancellationRequested))
                Has(digest);
        }
        catch (Exception e) when (Health.Met("listing", e) is not null)
        {
            // Whoever needs a file checks it.
        }
    }

    /// <summary>The file, for readers who compare it with its digest: <see cref="SafetensorsFile.Open(WeightFile)"/> before they use a byte, <see cref="SafetensorsReader.Open(WeightFile)"/> before they keep a result.</summary>
    public WeightFile Get(Digest digest) => new(PathOf(digest), digest);

    /// <summary>Compares the file with its digest now, all of it; what is damaged goes.</summary>
    /// <returns>Whether it is there, whole.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public bool Verify(Digest digest)
    {
        try
        {
            using var bytes = new VerifiedBytes(Bytes(digest), digest, onTheWay: false);
            bytes.Verify();
            return true;
        }
        catch (DamagedException)
        {
            Lose(digest);
            return false;
        }
    }

    /// <summary>Takes this file from whoever holds it, until it is here: it was asked for.</summary>
    public void Want(Digest digest) => _wanted[digest] = true;

    /// <summary>Whether a file was asked for that is not here yet.</summary>
    public bool IsWanted(Digest digest) => _wanted.ContainsKey(digest);

    /// <summary>Whether a certified hospital may have a file: as the journal says that this server led by last. Null before it leads: nobody knows.</summary>
    public Func<ClientId, Digest, bool>? MayFetch { get; set; }

    /// <summary>Takes away a file that a reader found damaged or gone.</summary>
    public void Lose(Digest digest)
    {
        try
        {
            Delete(digest);
            Health.Well("removing");
        }
        catch (Exception e) when (Health.Met("removing", e) is not null)
        {
            // It is met again, and removed then.
        }

        Lost?.Invoke(digest);
    }

    /// <summary>Where the file stands, or will.</summary>
    // What came from outside is text until here: a path would lead out of the folder.
    internal string PathOf(Digest digest) => Digest.TryParse(digest.Hex, out var whole) ? Path.Combine(_folder, whole.Hex) : throw new ArgumentException($"\"{digest.Hex}\" is no digest.");

    /// <summary>The whole files, in ordinal order.</summary>
    public ImmutableArray<Digest> List() => !Directory.Exists(_folder) ? [] :
    [
        .. Directory.EnumerateFiles(_folder).Select(f => Digest.TryParse(Path.GetFileName(f), out var digest) ? digest : default)
            .Where(d => d != default).OrderBy(d => d.Hex, StringComparer.Ordinal),
    ];

    /// <summary>Bytes of the file; 0 when it is not there.</summary>
    public long LengthOf(Digest digest) => new FileInfo(PathOf(digest)) is { Exists: true } file ? file.Length : 0;

    /// <summary>Removes what has arrived of transfers that nobody went on with since then.</summary>
    /// <param name="before">In UTC.</param>
    public void Sweep(DateTime before) => Sweep(_folder, before);

    /// <summary>Takes in a file that was just written or verified, in place of one of its digest. It stays where it is and must not be written to
    /// any more; it is linked, not copied.</summary>
    /// <exception cref="IOException">The file cannot be read, linked or synced.</exception>
    public void Import(WeightFile file)
    {
        if (!_copies)
        {
            using var handle = File.OpenHandle(file.Path);
            RandomAccess.FlushToDisk(handle);
        }

        // Somebody may have removed it.
        Directory.CreateDirectory(_folder);
        HardLink.Create(file.Path, PathOf(file.Digest));
        if (!_copies)
            DurableFile.SyncFolder(_folder);
        IsHere(file.Digest);
    }

    /// <summary>Removes a file and what has arrived of it; none there is fine. Readers that have it open finish undisturbed.</summary>
    public void Delete(Digest digest) => Discard([digest])();

    /// <summary>
    /// Takes files out of the store at once; the action returned frees their space, which takes long for many large ones. Files of the same
    /// digests that come in meanwhile stay.
    /// </summary>
    public Action Discard(IReadOnlyCollection<Digest> digests)
    {
        List<string> gone = [];
        foreach (var digest in digests)
        {
            _checked.TryRemove(digest, out _);
            _seen.TryRemove(digest, out _);
            if (File.Exists(PartOf(digest)))
                File.Delete(PartOf(digest));
            if (!File.Exists(PathOf(digest)))
                continue;
            string name = $"{PathOf(digest)}.{Interlocked.Increment(ref _discarded)}{GoneSuffix}";
            File.Move(PathOf(digest), name, overwrite: true);
            gone.Add(name);
        }

        return () => gone.ForEach(File.Delete);
    }

    /// <summary>The file's plain bytes, as they are on disk or deciphered as they are read.</summary>
    /// <exception cref="DamagedException">It is gone, or cut before its first byte.</exception>
    internal IByteSource Bytes(Digest digest) => _key is null ? PlainBytes.Open(Get(digest)) : SpooledBytes.Open(Get(digest), _key);

    /// <summary><see cref="Verify"/> on a thread of its own, once for all who want to know it at a time.</summary>
    internal Task<bool> RecheckAsync(Digest digest) => _rechecks.OfAsync(digest);

    /// <summary>Bytes of the file that have arrived; null once it is whole, 0 when it is unknown.</summary>
    internal long? Arrived(Digest digest)
    {
        if (Has(digest))
            return null;
        var part = new FileInfo(PartOf(digest));
        return part.Exists ? Math.Max(0, part.Length - (_key is null ? 0 : SpoolCipher.SaltBytes)) : 0;
    }

    /// <summary>
    /// Waits until no one else receives this file, then opens what has arrived of it; null when it is whole by now.
    /// </summary>
    /// <param name="whole">Done when all its bytes are here, before it counts as there.</param>
    internal async Task<IncomingFile?> ReceiveAsync(Digest digest, CancellationToken cancel, Action? whole = null)
    {
        var turn = await _locks.EnterAsync(digest, cancel);
        try
        {
            Directory.CreateDirectory(_folder);
            var incoming = Has(digest)
                ? null
                : IncomingFile.Open(PartOf(digest), PathOf(digest), digest, turn, durable: !_copies, _key, whole, named: values => IsHere(digest, values));
            if (incoming is null || !incoming.IsWhole)
                return incoming ?? Leave(turn);
            // All bytes had arrived, only the name was missing: a crash between the last byte and the rename.
            await incoming.CompleteAsync();
            incoming.Dispose();
            return null;
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    /// <summary>The disk that the files are on.</summary>
    internal DriveInfo Room()
    {
        // Somebody may have removed it.
        Directory.CreateDirectory(_folder);
        return new DriveInfo(_folder);
    }

    internal static void Sweep(string folder, DateTime before)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (string part in Directory.EnumerateFiles(folder, $"*{PartSuffix}").Where(p => File.GetLastWriteTimeUtc(p) < before))
            File.Delete(part);
    }

    private void IsHere(Digest digest, PassingValues? values = null)
    {
        if (values?.NonFinite is { } seen)
            _seen[digest] = seen;
        _checked[digest] = true;
        _wanted.TryRemove(digest, out _);
    }

    private static IncomingFile? Leave(IDisposable turn)
    {
        turn.Dispose();
        return null;
    }

    private bool Check(Digest digest)
    {
        string checking = $"checking {digest.Short}";
        try
        {
            bool whole = Verify(digest);
            if (whole)
                _checked[digest] = true;
            Health.Well(checking);
            return whole;
        }
        catch (Exception e) when (Health.Met(checking, e) is not null)
        {
            return false;
        }
    }

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It takes room and is nothing else's trouble; the next start tries again.
        }
    }

    private string PartOf(Digest digest) => PathOf(digest) + PartSuffix;
}
