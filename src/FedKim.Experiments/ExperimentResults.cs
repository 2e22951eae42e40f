using System.Collections.Immutable;

namespace FedKim.Experiments;

/// <summary>What an experiment has found so far.</summary>
/// <param name="Plan">The experiment.</param>
/// <param name="Cells">Its cells, in the plan's order.</param>
/// <param name="Tables">Its tables over the cells that are done.</param>
public sealed record ExperimentResults(ExperimentPlan Plan, ImmutableArray<CellOutcome> Cells, ImmutableArray<ResultTable> Tables)
{
    /// <summary>Makes every table of the cells that are done.</summary>
    public static ExperimentResults Of(ExperimentPlan plan, IEnumerable<CellOutcome> outcomes)
    {
        ImmutableArray<CellOutcome> cells = [.. outcomes];
        var reports = cells.Where(c => c is { State: CellState.Done, Report: not null }).ToDictionary(c => c.Cell, c => c.Report!);
        return new ExperimentResults(plan, cells, [.. plan.Tables.Select(table => ResultTable.Of(table, plan, reports))]);
    }
}
