using FedKim.Transfer;
using Serilog;

namespace FedKim.Node.Hosting;

/// <summary>Removes what has arrived of transfers that nobody has gone on with for a day: at the start, and every hour.</summary>
internal sealed class UnfinishedUploads(WeightStore store, Spool? spool, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan Oldest = TimeSpan.FromDays(1);
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>Sweeps until it is told to stop.</summary>
    internal async Task SweepAsync(CancellationToken stop)
    {
        using var hours = new PeriodicTimer(Every, clock);
        try
        {
            do
                await Task.Run(Sweep, stop);
            while (await hours.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    private void Sweep()
    {
        var before = (clock.GetUtcNow() - Oldest).UtcDateTime;
        try
        {
            store.Sweep(before);
            spool?.Sweep(before);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Warning("What is left of unfinished uploads still takes room: {Problem:l}", e.Message);
        }
    }
}
