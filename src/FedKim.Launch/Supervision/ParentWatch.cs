namespace FedKim.Launch.Supervision;

/// <summary>
/// Ends a process with the one that started it, however that one ends: the parent holds the other end of standard input and never
/// writes, so the input ends exactly when the parent closes it or is gone, kill -9 included.
/// </summary>
public static class ParentWatch
{
    /// <summary>
    /// Watches standard input on a thread of its own. When it ends, <paramref name="gone"/> is called, and if the process still lives
    /// after <paramref name="limit"/> it is ended with <paramref name="exitCode"/>.
    /// </summary>
    public static void Start(Action gone, TimeSpan limit, int exitCode)
    {
        var watch = new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            Span<byte> buffer = stackalloc byte[64];
            while (input.Read(buffer) > 0)
            {
            }
            // What hangs may be what an orderly exit would wait for.
            using var timer = new Timer(_ => Signals.EndSelf(exitCode), null, limit, Timeout.InfiniteTimeSpan);
            gone();
            Thread.CurrentThread.Join(limit + limit);
        })
        {
            IsBackground = true,
            Name = "parent-watch",
        };
        watch.Start();
    }
}
