namespace FedKim.Simulation.Tests;

/// <summary>
/// One life of a node's process. Killed, nothing of it runs any more, not even what would clean up; frozen, it runs nothing until it thaws
/// and then goes on as if no time had passed, as under SIGKILL, SIGSTOP and SIGCONT.
/// </summary>
internal sealed class Machine(string name, Loop loop) : SynchronizationContext
{
    private readonly Queue<Action> _held = [];

    /// <summary>Unlike any other life's.</summary>
    public string Name { get; } = name;

    public bool IsDead { get; private set; }

    public bool IsFrozen { get; private set; }

    public void Kill()
    {
        IsDead = true;
        _held.Clear();
    }

    public void Freeze() => IsFrozen = true;

    public void Thaw()
    {
        IsFrozen = false;
        while (_held.TryDequeue(out var work))
            loop.Enqueue(this, work);
    }

    /// <summary>Runs work as this machine's, unless it cannot run any.</summary>
    public void Execute(Action work)
    {
        if (IsDead)
            return;
        if (IsFrozen)
        {
            _held.Enqueue(work);
            return;
        }

        SetSynchronizationContext(this);
        try
        {
            work();
        }
        finally
        {
            SetSynchronizationContext(null);
        }
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => loop.Enqueue(this, () => d(state));

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
