using FedKim.Parameters;

namespace FedKim.Learning;

/// <summary>
/// Decides when a piece of work keeps its checkpoint: so often that checkpoints cost at most 3 % of the time, by what the last one cost.
/// When that is, changes no result: a resumed step computes what the undisturbed one does.
/// </summary>
/// <param name="checkpoint">Where checkpoints are kept.</param>
/// <param name="first">Steps before the first, whose cost is not known yet.</param>
/// <param name="clock">Measures steps and checkpoints.</param>
/// <param name="warn">Told what keeps a checkpoint from being written; the work goes on and can lose more to a crash.</param>
internal sealed class PacedCheckpoints(StepCheckpoint checkpoint, int first, TimeProvider clock, Action<string> warn)
{
    /// <summary>The share of the time that checkpoints may take.</summary>
    internal const double Share = 0.03;

    private long _since = clock.GetTimestamp();
    private TimeSpan? _cost;
    private int _steps;

    /// <summary>Called after every step; keeps <paramref name="state"/>, that after <paramref name="done"/> steps, when it is time.</summary>
    internal void After(long done, Func<IEnumerable<TensorData>> state)
    {
        _steps++;
        if (_cost is { } cost ? clock.GetElapsedTime(_since) * Share < cost : _steps < first)
            return;
        long begun = clock.GetTimestamp();
        try
        {
            checkpoint.Keep(state(), done);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            warn($"The checkpoint after step {done} cannot be written: {e.Message} The work goes on from memory; make room, or a crash costs the steps since the last checkpoint.");
        }

        _since = clock.GetTimestamp();
        _cost = clock.GetElapsedTime(begun, _since);
    }
}
