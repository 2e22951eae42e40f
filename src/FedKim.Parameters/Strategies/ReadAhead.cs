using System.Buffers;
using System.Runtime.ExceptionServices;

namespace FedKim.Parameters.Strategies;

/// <summary>
/// Lanes of bytes, read ahead of the one who takes them in step by step. The steps of a lane are read in their order, one at a time, and the
/// lanes side by side, on a few threads of their own and by whoever takes while a step is not there: no core waits while something can be read.
/// </summary>
internal sealed class ReadAhead : IDisposable
{
    // Steps of a lane that are in memory: one is taken in, one is there, one is read.
    private const int Sets = 3;

    // More cores than so many would wait for the one that takes in.
    private const int MostCores = 8;

    // Below so many bytes in all, another thread costs more than it takes over.
    private const int LeastShared = 128 * 1024;

    private readonly object _turn = new();
    private readonly Lane[] _lanes;
    private readonly Thread[] _threads;
    private readonly int _steps, _bytes;
    private readonly byte[] _memory;
    private int _step = -1;
    private bool _ends;

    /// <param name="lanes">Each writes the bytes of its next step into a buffer; steps count from 0.</param>
    /// <param name="steps">Steps of every lane.</param>
    /// <param name="bytes">The most bytes of a step in a lane.</param>
    internal ReadAhead(IEnumerable<Fill> lanes, int steps, int bytes)
    {
        _lanes = [.. lanes.Select(fill => new Lane(fill))];
        (_steps, _bytes) = (steps, bytes);
        _memory = ArrayPool<byte>.Shared.Rent(checked(_lanes.Length * Sets * bytes));
        bool alone = (long)bytes * steps * _lanes.Length < LeastShared;
        int cores = Math.Min(Math.Min(Environment.ProcessorCount, MostCores), _lanes.Length);
        _threads = [.. Enumerable.Range(1, alone ? 0 : cores - 1).Select(_ => new Thread(ReadAll) { IsBackground = true, Name = "sum" })];
        foreach (var thread in _threads)
            thread.Start();
    }

    /// <summary>Writes a step's bytes.</summary>
    internal delegate void Fill(int step, Span<byte> target);

    /// <summary>Gives back the step that was taken last and takes the next, which is there in every lane then.</summary>
    /// <exception cref="Exception">A lane could not be read up to it: what it threw, of the first such lane.</exception>
    internal void Take()
    {
        lock (_turn)
        {
            _step++;
            Monitor.PulseAll(_turn);
        }

        while (ToRead(untilTaken: true) is { } lane)
            Read(lane);
        foreach (var lane in _lanes)
        {
            if (lane.Read <= _step)
                lane.Fault!.Throw();
        }
    }

    /// <summary>How many lanes there are.</summary>
    internal int Count => _lanes.Length;

    /// <summary>A lane's buffer of the step that was taken last.</summary>
    internal ReadOnlySpan<byte> this[int lane] => Buffer(lane, _step);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_turn)
        {
            _ends = true;
            Monitor.PulseAll(_turn);
        }

        foreach (var thread in _threads)
            thread.Join();
        ArrayPool<byte>.Shared.Return(_memory);
    }

    private void ReadAll()
    {
        while (ToRead(untilTaken: false) is { } lane)
            Read(lane);
    }

    // The lane that is furthest behind, so that a step comes to be whole early. Waits while there is none; null once there is nothing to wait for.
    private Lane? ToRead(bool untilTaken)
    {
        lock (_turn)
        {
            while (true)
            {
                if (_ends || (untilTaken && _lanes.All(l => l.Read > _step || l.Fault is not null)))
                    return null;
                Lane? next = null;
                bool more = false;
                foreach (var lane in _lanes)
                {
                    more |= lane.Read < _steps && lane.Fault is null;
                    if (!lane.Busy && lane.Fault is null && lane.Read < Math.Min(_steps, _step + Sets) && lane.Read < (next?.Read ?? int.MaxValue))
                        next = lane;
                }

                if (next is not null)
                    next.Busy = true;
                if (next is not null || !more)
                    return next;
                Monitor.Wait(_turn);
            }
        }
    }

    private void Read(Lane lane)
    {
        ExceptionDispatchInfo? fault = null;
        try
        {
            lane.Fill(lane.Read, Buffer(Array.IndexOf(_lanes, lane), lane.Read));
        }
        catch (Exception e)
        {
            // Thrown where the step is taken: which fault is met first does not depend on the threads.
            fault = ExceptionDispatchInfo.Capture(e);
        }

        lock (_turn)
        {
            (lane.Busy, lane.Fault) = (false, fault);
            if (fault is null)
                lane.Read++;
            Monitor.PulseAll(_turn);
        }
    }

    private Span<byte> Buffer(int lane, int step) => _memory.AsSpan((lane * Sets + step % Sets) * _bytes, _bytes);

    private sealed class Lane(Fill fill)
    {
        public Fill Fill => fill;

        public int Read { get; set; }

        public bool Busy { get; set; }

        public ExceptionDispatchInfo? Fault { get; set; }
    }
}
