namespace FedKim.Actors.Hospital.Plans;

/// <summary>
/// Whether what lies at a hospital may be given to a server that lacks it. It is shut while the site's people have not said their word on the
/// plan of the latest order, and when they refuse it. The hospital's actor opens and shuts it; whoever gives reads it on any thread.
/// </summary>
public sealed class Outlet
{
    private volatile CancellationTokenSource _open = new();

    /// <param name="isOpen">Whether it is open before the hospital's actor has looked at what was said; a hospital's is not.</param>
    public Outlet(bool isOpen = true) => Set(isOpen);

    /// <summary>Whether something may be given.</summary>
    public bool IsOpen => !_open.IsCancellationRequested;

    /// <summary>Cancelled as soon as it is shut: what is on its way then is not finished.</summary>
    public CancellationToken WhileOpen => _open.Token;

    /// <summary>Opens or shuts it.</summary>
    internal void Set(bool isOpen)
    {
        if (isOpen == IsOpen)
            return;
        if (isOpen)
            _open = new CancellationTokenSource();
        else
            _open.Cancel();
    }
}
