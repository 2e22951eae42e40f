using FedKim.Launch;
using FedKim.Launch.Reports;

namespace FedKim.Experiments;

/// <summary>Runs the federation of one cell, or takes it up where it was, and keeps what its model says of each sample.</summary>
public static class CellRun
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="data">The folder of all sites' data; null where the federation reads none.</param>
    /// <param name="commandPort">Where pbm finds the first of its nodes.</param>
    /// <param name="say">Told what happens.</param>
    /// <param name="stop">Ends it early.</param>
    /// <returns>What became of it; <see cref="CellState.Open"/> when it was ended early.</returns>
    public static async Task<CellOutcome> RunAsync(
        Experiment experiment, Cell cell, CellFolder folder, string? data, int commandPort, Action<string> say, CancellationToken stop)
    {
        var options = new UpOptions { Work = folder.Path, Data = data, UntilDone = true, CommandPort = commandPort };
        if (!folder.IsBegun)
            options = options with { Federation = experiment.Federation, Settings = experiment.SettingsOf(cell) };
        try
        {
            await using var view = new CellView(cell.Name, say);
            if (folder.Finished() is { } finished)
                return new CellOutcome(cell, CellState.Done, Report: await CellPredictions.OfAsync(folder, finished, view.Say, stop));
            using var setup = RunSetup.Prepare(options, Directory.GetCurrentDirectory(), view.Say, stop);
            var (report, unwritten) = await LocalFederation.RunAsync(setup, options, view, stop);
            var outcome = unwritten is null ? Outcome(cell, report) : throw unwritten;
            return outcome.Report is { } done ? outcome with { Report = await CellPredictions.OfAsync(folder, folder.Complete(done), view.Say, stop) } : outcome;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return new CellOutcome(cell, CellState.Open);
        }
        catch (Exception e)
        {
            // Whatever it was, it is this cell's, and the others go on.
            return new CellOutcome(cell, CellState.Failed, e.Message);
        }
    }

    private static CellOutcome Outcome(Cell cell, Report? report)
    {
        if (report is null)
            return new CellOutcome(cell, CellState.Open);
        var read = CellReport.Of(report);
        return read.Completed ? new CellOutcome(cell, CellState.Done, Report: read) : new CellOutcome(cell, CellState.Failed, read.Cause);
    }
}
