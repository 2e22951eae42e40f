using FedKim.Configuration;

namespace FedKim.Experiments;

/// <summary>Runs the cells of an experiment that are not done or not measured sample by sample, some at a time. A cell that fails stops no other.</summary>
/// <param name="plan">The experiment.</param>
/// <param name="look">How far a cell is.</param>
/// <param name="run">Runs a cell to its end, in one of the places that run at a time; <see cref="CellState.Open"/> when it was told to stop.</param>
/// <param name="keep">Given the results whenever they have changed; never twice at a time.</param>
/// <param name="say">Told what happens.</param>
/// <param name="clock">Measures what is left.</param>
public sealed class ExperimentRun(
    ExperimentPlan plan,
    Func<Cell, CellOutcome> look,
    Func<Cell, int, CancellationToken, Task<CellOutcome>> run,
    Action<ExperimentResults> keep,
    Action<string> say,
    TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Cell, CellOutcome> _outcomes = [];
    private readonly Queue<Cell> _open = [];
    private long _start;
    private int _ran;

    /// <summary>Runs what is open.</summary>
    /// <param name="places">How many cells run at a time, from 1.</param>
    /// <param name="stop">Ends the cells that run; they go on where they were when the experiment is run again.</param>
    public async Task<ExperimentResults> RunAsync(int places, CancellationToken stop)
    {
        foreach (var cell in plan.Cells)
        {
            _outcomes[cell] = look(cell);
            // What ended without its predictions is measured, and not run again.
            if (_outcomes[cell] is { State: CellState.Open } or { Report.Unkept: not "" })
                _open.Enqueue(cell);
        }
        int done = _outcomes.Values.Count(o => o.State == CellState.Done);
        say($"{Count(plan.Cells.Length, "federation")} of {Count(plan.Methods.Length, "method")} and {Count(plan.Seeds.Length, "seed")}; {done} {(done == 1 ? "is" : "are")} done already");
        _start = clock.GetTimestamp();
        keep(Results());
        await Task.WhenAll(Enumerable.Range(0, places).Select(place => WorkAsync(place, stop)));
        return Results();
    }

    private async Task WorkAsync(int place, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && Next() is { } cell)
        {
            say($"{cell} {(IsDone(cell) ? "is measured sample by sample" : "begins")}");
            var outcome = await run(cell, place, stop);
            lock (_gate)
            {
                if (outcome.State == CellState.Open)
                    continue;
                _outcomes[cell] = outcome;
                _ran++;
                keep(Results());
                say($"{cell} {(outcome.State == CellState.Done ? "is done" : $"failed: {outcome.Cause}")} ({Standing()})");
            }
        }
    }

    private bool IsDone(Cell cell)
    {
        lock (_gate)
            return _outcomes[cell].State == CellState.Done;
    }

    private string Standing()
    {
        int left = _outcomes.Values.Count(o => o.State == CellState.Open);
        var elapsed = clock.GetElapsedTime(_start);
        string ahead = left == 0 ? "" : $", about {Durations.Text(elapsed * ((double)left / _ran))} to go";
        return $"{plan.Cells.Length - left} of {plan.Cells.Length}, {Durations.Text(elapsed)} elapsed{ahead}";
    }

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";

    private Cell? Next()
    {
        lock (_gate)
            return _open.TryDequeue(out var cell) ? cell : null;
    }

    private ExperimentResults Results() => ExperimentResults.Of(plan, plan.Cells.Select(cell => _outcomes[cell]));
}
