namespace FedKim.Transfer;

/// <summary>Cancels when no byte has moved for a while, and tells that apart from the caller's own cancelling.</summary>
internal sealed class ProgressLimit : IDisposable
{
    private readonly TimeSpan _patience;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _stalled;
    private readonly CancellationTokenSource _either;

    internal ProgressLimit(TimeSpan patience, TimeProvider clock, CancellationToken caller)
    {
        (_patience, _caller) = (patience, caller);
        _stalled = new CancellationTokenSource(patience, clock);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_stalled.Token, caller);
    }

    /// <summary>Bytes moved: the wait starts anew.</summary>
    internal void Renew() => _stalled.CancelAfter(_patience);

    /// <summary>Awaits one step; bytes have moved when it ends.</summary>
    /// <exception cref="TimeoutException">Nothing moved for too long.</exception>
    internal async Task<T> Bound<T>(Func<CancellationToken, Task<T>> step)
    {
        try
        {
            var result = await step(_either.Token);
            Renew();
            return result;
        }
        catch (OperationCanceledException e) when (!_caller.IsCancellationRequested)
        {
            throw Stalled(e);
        }
    }

    /// <inheritdoc cref="Bound{T}(Func{CancellationToken, Task{T}})"/>
    internal async ValueTask<T> Bound<T>(Func<CancellationToken, ValueTask<T>> step)
    {
        try
        {
            var result = await step(_either.Token);
            Renew();
            return result;
        }
        catch (OperationCanceledException e) when (!_caller.IsCancellationRequested)
        {
            throw Stalled(e);
        }
    }

    private TimeoutException Stalled(OperationCanceledException e) => e.InnerException is TimeoutException && !_stalled.IsCancellationRequested
        ? new TimeoutException("no connection was made; is the port open on the way there?", e)
        : new TimeoutException($"no byte moved for {_patience.TotalSeconds:0.#} s", e);

    public void Dispose()
    {
        _either.Dispose();
        _stalled.Dispose();
    }
}
