using FedKim.Launch;
using FedKim.Launch.Packages;
using FedKim.Launch.Supervision;

namespace FedKim.Experiments;

/// <summary>
/// Measures a cell's finished model once more, sample by sample, by <c>fedkim evaluate</c> in a process of its own: predictions are of patients, and
/// so they travel over no link and enter no journal; and what torch takes goes back when the process ends.
/// </summary>
public static class CellPredictions
{
    /// <summary>The report with its predictions, which are measured where they are not kept.</summary>
    /// <param name="folder">The cell's folder.</param>
    /// <param name="report">Its report.</param>
    /// <param name="say">Told why there are none.</param>
    /// <param name="stop">Ends the measuring.</param>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static async Task<CellReport> OfAsync(CellFolder folder, CellReport report, Action<string> say, CancellationToken stop)
    {
        if (report.Unkept.Length == 0)
            return report;
        string output = Path.Combine(folder.Path, "evaluate.log");
        string[] packages = [.. Extensions.Loaded.SelectMany(package => (string[])["--extension", package.File])];
        await using var process = new NodeProcess(
            FedKimProgram.Launch("evaluate", output, ["evaluate", "--run", folder.Path, "--predictions", folder.Predictions, .. packages]), TimeProvider.System);
        process.Start();
        int code = await process.Ended.WaitAsync(stop);
        var measured = code == ExitCodes.Ok ? folder.Complete(report) : report with { Unkept = $"measuring it ended with {code}: {process.LastLines()}" };
        if (measured.Unkept.Length > 0)
            say($"has no predictions, and so no verdict: {measured.Unkept}");
        return measured;
    }
}
