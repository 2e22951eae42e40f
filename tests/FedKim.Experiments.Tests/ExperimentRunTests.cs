using System.Collections.Concurrent;

namespace FedKim.Experiments.Tests;

public sealed class ExperimentRunTests
{
    private static readonly ExperimentPlan Plan = new("trial", [1, 2], [new ComparedMethod("a", "A"), new ComparedMethod("b", "B")], []);
    private static readonly CellReport Report = new(true, "", "fedkim", []);

    private readonly ConcurrentQueue<string> _ran = [];
    private readonly List<ExperimentResults> _kept = [];
    private readonly ConcurrentQueue<string> _said = [];

    [Fact]
    public async Task A_cell_that_fails_is_recorded_with_its_cause_and_stops_no_other()
    {
        var results = await Run(cell => Task.FromResult(cell.Name == "b-seed1" ? Failed(cell) : Done(cell)));

        Assert.Equal(["a-seed1", "b-seed1", "a-seed2", "b-seed2"], _ran);
        Assert.Equal([CellState.Done, CellState.Failed, CellState.Done, CellState.Done], results.Cells.Select(c => c.State));
        Assert.Equal("no quorum", results.Cells[1].Cause);
        Assert.Contains(_said, line => line.StartsWith("b-seed1 failed: no quorum (2 of 4, ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_done_is_not_run_again()
    {
        var results = await Run(cell => Task.FromResult(Done(cell)), done: ["a-seed1", "b-seed2"]);

        Assert.Equal(["b-seed1", "a-seed2"], _ran);
        Assert.All(results.Cells, c => Assert.Equal(CellState.Done, c.State));
        Assert.Equal("4 federations of 2 methods and 2 seeds; 2 are done already", _said.First());
    }

    [Fact]
    public async Task Results_are_kept_after_every_cell_so_that_whoever_looks_sees_what_is_there()
    {
        await Run(cell => Task.FromResult(Done(cell)));

        Assert.Equal([0, 1, 2, 3, 4], _kept.Select(r => r.Cells.Count(c => c.State == CellState.Done)));
    }

    [Fact]
    public async Task Told_to_stop_it_begins_no_other_cell_and_leaves_the_one_that_ran_open()
    {
        using var stop = new CancellationTokenSource();

        var results = await Run(async cell =>
        {
            if (cell.Name != "b-seed1")
                return Done(cell);
            await stop.CancelAsync();
            return new CellOutcome(cell, CellState.Open);
        }, stop: stop.Token);

        Assert.Equal(["a-seed1", "b-seed1"], _ran);
        Assert.Equal([CellState.Done, CellState.Open, CellState.Open, CellState.Open], results.Cells.Select(c => c.State));
    }

    [Fact]
    public async Task What_is_done_without_its_predictions_is_measured_and_stays_done_whatever_becomes_of_that()
    {
        var unkept = Report with { Unkept = "nobody asked" };

        var results = await Run(
            cell => Task.FromResult(cell.Name == "a-seed1" ? Done(cell) : new CellOutcome(cell, CellState.Open)),
            look: cell => new CellOutcome(cell, CellState.Done, Report: cell.Seed == 1 ? unkept : Report));

        Assert.Equal(["a-seed1", "b-seed1"], _ran);
        Assert.Equal(["", "nobody asked", "", ""], results.Cells.Select(c => c.Report!.Unkept));
        Assert.Equal("4 federations of 2 methods and 2 seeds; 4 are done already", _said.First());
        Assert.Contains("a-seed1 is measured sample by sample", _said);
    }

    [Fact]
    public async Task As_many_run_at_a_time_as_there_are_places_each_in_its_own()
    {
        var both = new TaskCompletionSource();
        var places = new ConcurrentDictionary<int, bool>();
        int running = 0, most = 0;

        await Run(async (cell, place) =>
        {
            Assert.True(places.TryAdd(place, true), "Two cells ran in one place.");
            most = Math.Max(most, Interlocked.Increment(ref running));
            // The first waits for a second; neither would come to an end if they ran one after another.
            if (running == 2)
                both.TrySetResult();
            await both.Task.WaitAsync(TimeSpan.FromMinutes(1));
            await Task.Yield();
            Interlocked.Decrement(ref running);
            places.TryRemove(place, out _);
            return Done(cell);
        }, places: 2);

        Assert.Equal(2, most);
        Assert.Equal(4, _ran.Distinct().Count());
    }

    private static CellOutcome Done(Cell cell) => new(cell, CellState.Done, Report: Report);

    private static CellOutcome Failed(Cell cell) => new(cell, CellState.Failed, "no quorum");

    private Task<ExperimentResults> Run(
        Func<Cell, Task<CellOutcome>> run, string[]? done = null, CancellationToken stop = default, Func<Cell, CellOutcome>? look = null) =>
        Run((cell, _) => run(cell), done, 1, stop, look);

    private Task<ExperimentResults> Run(Func<Cell, int, Task<CellOutcome>> run, string[]? done = null, int places = 1, CancellationToken stop = default,
        Func<Cell, CellOutcome>? look = null) =>
        new ExperimentRun(
            Plan,
            look ?? (cell => done?.Contains(cell.Name) == true ? Done(cell) : new CellOutcome(cell, CellState.Open)),
            (cell, place, _) =>
            {
                _ran.Enqueue(cell.Name);
                return run(cell, place);
            },
            _kept.Add,
            _said.Enqueue,
            TimeProvider.System).RunAsync(places, stop);
}
