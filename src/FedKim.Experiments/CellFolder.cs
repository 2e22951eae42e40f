using FedKim.Configuration;
using FedKim.Data;
using FedKim.Launch;
using FedKim.Learning;
using FedKim.Rounds;

namespace FedKim.Experiments;

/// <summary>The folder of a cell: the run of its federation, with its report once that has ended.</summary>
/// <param name="Path">Full path.</param>
public sealed record CellFolder(string Path)
{
    private RunFolder Run => new(Path, Resumed: true);

    /// <summary>What its methods say of each sample, once that was measured.</summary>
    public string Predictions => System.IO.Path.Combine(Path, "predictions.parquet");

    /// <summary>Whether a run lies there that can be taken up again.</summary>
    public bool IsBegun => File.Exists(Run.Federation);

    /// <summary>Why what lies there is no run of this cell; null where it is one, or where nothing lies there.</summary>
    /// <param name="plan">The cell's federation as the experiment's file has it now.</param>
    /// <param name="data">The folder of all sites' data as it is now.</param>
    public string? Difference(FederationPlan plan, string data)
    {
        if (!Directory.Exists(Path) || !Directory.EnumerateFileSystemEntries(Path).Any())
            return null;
        if (!IsBegun)
            return "it never started";
        try
        {
            return PlanDifference.First(Run.Plan(), plan)
                ?? (Run.DataUsed is { } used && used != System.IO.Path.TrimEndingDirectorySeparator(data) ? $"its data were {used} and are {data}" : null);
        }
        catch (InvalidConfigurationException e)
        {
            return $"it cannot be read: {e.Problems[0]}";
        }
    }

    /// <summary>The report of a federation that came to its end, with its predictions where they are kept; null where there is none.</summary>
    /// <exception cref="LearningException">The report is damaged.</exception>
    public CellReport? Finished() => Reported() is { Completed: true } report ? Complete(report) : null;

    /// <summary>The report of a federation that ended, however; null where there is none.</summary>
    /// <exception cref="LearningException">The report is damaged.</exception>
    public CellReport? Reported() => File.Exists(Run.Report) ? CellReport.Parse(File.ReadAllText(Run.Report)) : null;

    /// <summary>A report with the predictions that are kept beside it, or why there are none.</summary>
    public CellReport Complete(CellReport report)
    {
        if (report.Measurements.IsEmpty)
            return report;
        if (!File.Exists(Predictions))
            return report with { Unkept = "the model has not been measured sample by sample" };
        try
        {
            return report.With(KeptPredictions.Of(PredictionFile.Read(Predictions), Predictions));
        }
        catch (DataException e)
        {
            return report with { Unkept = e.Message };
        }
    }

    /// <summary>Moves the folder away, so that the cell begins anew and nothing is lost.</summary>
    /// <returns>Where it is now.</returns>
    public string SetAside()
    {
        string aside = Enumerable.Range(1, int.MaxValue).Select(number => $"{Path}.old-{number}").First(path => !Directory.Exists(path));
        Directory.Move(Path, aside);
        return aside;
    }
}
