using System.Collections.Immutable;

namespace FedKim.Commands.Watch;

/// <summary>One who listens to some answers. What it has not taken yet is not kept for it: it takes what is so by then.</summary>
/// <param name="answers">The answers, in the order asked.</param>
internal sealed class CommandListener(ImmutableArray<WatchedAnswer> answers) : IDisposable
{
    private readonly SemaphoreSlim _news = new(0);

    public ImmutableArray<WatchedAnswer> Answers => answers;

    /// <summary>The last change it has taken.</summary>
    public long Seen { get; set; }

    /// <summary>Tells it that there is something new; called under the watch's lock.</summary>
    public void Wake()
    {
        if (_news.CurrentCount == 0)
            _news.Release();
    }

    /// <summary>Waits for something new.</summary>
    /// <returns>False where nothing was new for so long.</returns>
    public Task<bool> WaitAsync(TimeSpan most, CancellationToken cancel) => _news.WaitAsync(most, cancel);

    /// <inheritdoc/>
    public void Dispose() => _news.Dispose();
}
