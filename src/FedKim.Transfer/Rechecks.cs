using FedKim.Rounds;

namespace FedKim.Transfer;

/// <summary>Compares a file with its digest once for all who ask meanwhile: to hash a large file takes a processor for seconds, and anybody may ask.</summary>
internal sealed class Rechecks(Func<Digest, bool> compare)
{
    private readonly Lock _turn = new();
    private readonly Dictionary<Digest, Task<bool>> _running = [];

    /// <summary>Whether the file is there, whole. Its errors are those of the comparison.</summary>
    internal Task<bool> OfAsync(Digest digest)
    {
        lock (_turn)
        {
            // Reading a large file waits for the disk, so it gets a thread of its own: the pool's few threads carry heartbeats too.
            if (!_running.TryGetValue(digest, out var running))
                _running.Add(digest, running = Task.Factory.StartNew(() => Compare(digest), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
            return running;
        }
    }

    private bool Compare(Digest digest)
    {
        try
        {
            return compare(digest);
        }
        finally
        {
            lock (_turn)
                _running.Remove(digest);
        }
    }
}
