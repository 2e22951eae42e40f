using FedKim.Rounds;

namespace FedKim.Transfer;

/// <summary>One turn at a time for each digest; locks no one waits for are forgotten.</summary>
internal sealed class DigestLocks
{
    private readonly Dictionary<Digest, Entry> _entries = [];

    internal async Task<IDisposable> EnterAsync(Digest digest, CancellationToken cancel)
    {
        Entry? entry;
        lock (_entries)
        {
            if (!_entries.TryGetValue(digest, out entry))
                _entries.Add(digest, entry = new Entry());
            entry.Users++;
        }

        try
        {
            await entry.Gate.WaitAsync(cancel);
        }
        catch
        {
            Forget(digest, entry);
            throw;
        }

        return new Turn(this, digest, entry);
    }

    private void Forget(Digest digest, Entry entry)
    {
        lock (_entries)
        {
            if (--entry.Users > 0)
                return;
            _entries.Remove(digest);
            entry.Gate.Dispose();
        }
    }

    private sealed class Entry
    {
        internal readonly SemaphoreSlim Gate = new(1, 1);
        internal int Users;
    }

    private sealed class Turn(DigestLocks locks, Digest digest, Entry entry) : IDisposable
    {
        private bool _over;

        public void Dispose()
        {
            if (_over)
                return;
            _over = true;
            entry.Gate.Release();
            locks.Forget(digest, entry);
        }
    }
}
