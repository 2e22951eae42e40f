using System.Collections.Immutable;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Transfer;

/// <summary>
/// One round's updates, enciphered under the round's own key. An update is there whole and checked, or it is not there; what has arrived of
/// an unfinished one goes on at the byte, after a crash too, as in a <see cref="WeightStore"/>. Nothing of it is synced to disk: each site keeps
/// its update until the round has committed, so what a power cut takes is asked for again. What an earlier process left counts as there once it
/// was compared with its digest.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
public sealed class RoundSpool
{
    private readonly Lock _turn = new();
    private readonly string _folder;
    private readonly UpdateOwners _owners;
    private readonly FolderHealth _health;
    private (WeightStore Store, RoundKey Key)? _opened;
    private bool _destroyed;

    internal RoundSpool(string folder, FolderHealth health) => (_folder, _owners, _health) = (folder, new UpdateOwners(folder), health);

    /// <summary>Its folder.</summary>
    internal string Folder => _folder;

    /// <summary>Bytes that an update may have; an upload that claims more is refused.</summary>
    public long Most { get; set; } = long.MaxValue;

    /// <summary>Who may bring which update.</summary>
    internal UpdateOwners Owners => _owners;

    /// <summary>Says how the round stands, and with it from which certified sites updates are taken; before it was said, they are taken from none.</summary>
    public void Admit(Round round, Roster roster) => _owners.Admit(round, roster);

    /// <summary>A site says that this is its update, and it is looked at: what else the site brings does not take its place.</summary>
    public void Look(ClientId site, Digest update) => _owners.Look(site, update);

    /// <summary>The certified site that has brought an update; null where that is not known.</summary>
    /// <exception cref="IOException">The spool cannot be read.</exception>
    public ClientId? WhoseIs(Digest update) => _owners.Of(update);

    /// <summary>True when the update is here, whole, and can be read.</summary>
    public bool Has(Digest digest)
    {
        if (Opened(create: false) is not var (store, _) || !store.Has(digest))
            return false;
        if (_owners.Knows(digest))
            return true;
        store.Lose(digest);
        return false;
    }

    /// <summary>What was seen of an update's values as it came in (<see cref="PassingValues.NonFinite"/>); null where it came to an earlier process.</summary>
    public ImmutableDictionary<string, long>? NonFinite(Digest digest) => Opened(create: false)?.Store.NonFinite(digest);

    /// <summary>Compares all that an earlier process left with its digests, so that nobody waits for it later; what is damaged goes.</summary>
    internal void CheckAll(Action<Digest> lost, CancellationToken stop)
    {
        if (Opened(create: false) is not var (store, _))
            return;
        foreach (var digest in store.List().TakeWhile(_ => !stop.IsCancellationRequested))
        {
            if (!Has(digest))
                lost(digest);
        }
    }

    /// <summary>Opens an update; it is deciphered as it is read, and compared with its digest by <see cref="ITensorFile.Verify"/>.</summary>
    /// <param name="digest">The update's.</param>
    /// <param name="onTheWay">Whether it is hashed as it is read, or only where it is to be compared (<see cref="VerifiedBytes"/>).</param>
    /// <exception cref="IOException">The round is over and its key destroyed.</exception>
    /// <exception cref="DamagedException">It is not here, or other bytes than its digest's and malformed.</exception>
    /// <exception cref="SafetensorsException">It is no safetensors file.</exception>
    public ITensorFile Read(Digest digest, bool onTheWay = true) => SafetensorsReader.Open(new VerifiedBytes(Bytes(digest), digest, onTheWay));

    /// <summary>Compares an update with its digest now, all of it; what is damaged goes.</summary>
    /// <returns>Whether it is here, whole.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public bool Verify(Digest digest) => Opened(create: false)?.Store.Verify(digest) ?? false;

    /// <summary>Takes away an update that a reader found damaged or gone.</summary>
    public void Lose(Digest digest) => Opened(create: false)?.Store.Lose(digest);

    /// <summary>An update's plain bytes; they are deciphered as they are read.</summary>
    /// <exception cref="IOException">It is not here, or the round is over and its key destroyed.</exception>
    internal IByteSource Bytes(Digest digest)
    {
        var (store, _) = Opened(create: false) ?? throw new IOException($"Update {digest.Short} cannot be read: its round is over, and its key destroyed.");
        return store.Bytes(digest);
    }

    /// <summary>Where updates come in; null once the round is over.</summary>
    /// <exception cref="IOException">The disk is full or fails.</exception>
    internal WeightStore? Receiving() => Opened(create: true)?.Store;

    /// <summary>Bytes of the update that have arrived; null once it is whole.</summary>
    internal long? Arrived(Digest digest) => Opened(create: false) is { } opened ? opened.Store.Arrived(digest) : 0;

    /// <summary>Destroys the key, then what it enciphered; the round is over. Readers that have an update open finish undisturbed.</summary>
    internal void Destroy()
    {
        lock (_turn)
        {
            _destroyed = true;
            _opened?.Key.Forget();
            _opened = null;
            if (!Directory.Exists(_folder))
                return;
            RoundKey.Destroy(_folder);
            Directory.Delete(_folder, recursive: true);
        }
    }

    private (WeightStore Store, RoundKey Key)? Opened(bool create)
    {
        lock (_turn)
        {
            if (_destroyed)
                return _opened;
            if (_opened is { } opened)
            {
                // Somebody removed the folder: what lay in it is gone, the key is still known here.
                if (create && !RoundKey.IsIn(_folder))
                {
                    Make();
                    opened.Key.Store(_folder);
                }

                return _opened;
            }

            var key = RoundKey.Find(_folder);
            if (key is null && !create)
                return null;
            if (key is null)
            {
                // Without a key, what lies here can be read by nobody.
                if (Directory.Exists(_folder))
                    Directory.Delete(_folder, recursive: true);
                Make();
                key = RoundKey.Create(_folder);
            }

            _opened = (new WeightStore(_folder, key, _health), key);
            return _opened;
        }
    }

    private void Make()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(_folder);
        else
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
