using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace FedKim.Simulation.Tests;

/// <summary>
/// A whole cluster on one thread and under one clock: one piece of work runs at a time, and time moves, at once, to the next moment at which
/// something is due when nothing is left to do. So a run takes as long as its work, whatever it waits for.
/// </summary>
internal sealed class Loop : TimeProvider
{
    // Moments closer together than this are one: fewer steps, and no order that anything may rely on.
    private static readonly long Grain = TimeSpan.FromMilliseconds(5).Ticks;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [ThreadStatic]
    private static Loop? t_current;

    private readonly ConcurrentQueue<(Machine Machine, Action Work)> _work = [];
    private readonly PriorityQueue<Action, (long Due, long Order)> _due = new();
    private readonly ConcurrentDictionary<Hold, Machine> _holds = [];
    private readonly Lock _lock = new();
    private long _now;
    private long _order;

    public Loop() => (t_current, Outside) = (this, new Machine("outside", this));

    /// <summary>The loop that runs on this thread.</summary>
    public static Loop Current => t_current ?? throw new InvalidOperationException("No simulated cluster runs on this thread.");

    /// <summary>Where everything runs that belongs to no node: the database, the network, the test.</summary>
    public Machine Outside { get; }

    /// <summary>The machine whose code runs now.</summary>
    public Machine Running => SynchronizationContext.Current as Machine ?? Outside;

    /// <summary>Time since the start.</summary>
    public TimeSpan Now => TimeSpan.FromTicks(Volatile.Read(ref _now));

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Start + Now;

    /// <inheritdoc/>
    public override long GetTimestamp() => Now.Ticks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Has work done on a machine, after all that waits already.</summary>
    public void Enqueue(Machine machine, Action work) => _work.Enqueue((machine, work));

    /// <summary>Has something done after this time, on no machine.</summary>
    public void After(TimeSpan delay, Action work)
    {
        long due = Now.Ticks + Math.Max(0, delay.Ticks);
        lock (_lock)
            _due.Enqueue(work, ((due + Grain - 1) / Grain * Grain, _order++));
    }

    /// <summary>Until it is disposed time stands still while the machine runs: it works with a disk, of which the cluster's clock knows nothing.</summary>
    public IDisposable HoldTime(Machine machine)
    {
        var hold = new Hold(this);
        _holds[hold] = machine;
        return hold;
    }

    /// <summary>Runs until the condition holds.</summary>
    /// <returns>False when it did not within this much of the cluster's time.</returns>
    public bool Run(Func<bool> until, TimeSpan limit)
    {
        var end = Now + limit;
        while (!until())
        {
            if (_work.TryDequeue(out var next))
                next.Machine.Execute(next.Work);
            else if (IsQuiet() && !Advance(end))
                return false;
        }

        return true;
    }

    // What libraries leave to the thread pool for a moment comes back before a second pass through it.
    private bool IsQuiet()
    {
        for (int pass = 0; pass < 2 && _work.IsEmpty; pass++)
        {
            using var passed = new ManualResetEventSlim();
            ThreadPool.UnsafeQueueUserWorkItem(static p => p.Set(), passed, preferLocal: false);
            passed.Wait(CancellationToken.None);
        }

        return _work.IsEmpty && !_holds.Values.Any(m => m is { IsDead: false, IsFrozen: false });
    }

    private bool Advance(TimeSpan end)
    {
        List<Action> due = [];
        lock (_lock)
        {
            if (!_due.TryPeek(out _, out var first) || first.Due > end.Ticks)
                return false;
            Volatile.Write(ref _now, Math.Max(_now, first.Due));
            while (TakeDue(first.Due, out var work))
                due.Add(work);
        }

        due.ForEach(Outside.Execute);
        return true;
    }

    private bool TakeDue(long moment, [NotNullWhen(true)] out Action? work)
    {
        work = null;
        return _due.TryPeek(out _, out var next) && next.Due <= moment && _due.TryDequeue(out work, out _);
    }

    private sealed class Hold(Loop loop) : IDisposable
    {
        public void Dispose() => loop._holds.TryRemove(this, out _);
    }

    // Changed or disposed, the moments set before mean nothing any more.
    private sealed class Timer(Loop loop, Action ring) : ITimer
    {
        private int _setting;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            int setting = Interlocked.Increment(ref _setting);
            if (dueTime != Timeout.InfiniteTimeSpan)
                Set(dueTime, period, setting);
            return true;
        }

        public void Dispose() => Interlocked.Increment(ref _setting);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Set(TimeSpan dueTime, TimeSpan period, int setting) => loop.After(dueTime, () =>
        {
            if (setting != Volatile.Read(ref _setting))
                return;
            if (period > TimeSpan.Zero)
                Set(period, period, setting);
            ring();
        });
    }
}
