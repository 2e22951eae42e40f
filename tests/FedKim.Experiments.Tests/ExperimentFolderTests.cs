using System.Collections.Immutable;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Rounds;
using FedKim.Testing;

namespace FedKim.Experiments.Tests;

public sealed class ExperimentFolderTests : IDisposable
{
    private static readonly Cell Cell = new("a", 1);
    private static readonly string Rehearsal = Path.Combine(Repository.Root, "cluster/federations/rehearsal.conf");

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];

    private string Out => Path.Combine(_folder.Path, "out");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_cell_is_open_until_its_federation_has_come_to_its_end()
    {
        using var folder = ExperimentFolder.Open(Out);
        Assert.Equal(CellState.Open, folder.Look(Cell, Plan(), null, _said.Add).State);
        Assert.False(folder.Of(Cell).IsBegun);

        var run = Begin(folder);
        Assert.Equal(CellState.Open, folder.Look(Cell, Plan(), null, _said.Add).State);
        Assert.True(folder.Of(Cell).IsBegun);

        TextFile.Write(run.Folder.Report, """{ "phase": "Failed", "cause": "x", "method": "rehearsal", "evaluation": [] }""");
        Assert.Equal(CellState.Open, folder.Look(Cell, Plan(), null, _said.Add).State);

        TextFile.Write(run.Folder.Report, """{ "phase": "Completed", "method": "rehearsal", "evaluation": [] }""");
        Assert.Equal(CellState.Done, folder.Look(Cell, Plan(), null, _said.Add).State);
        Assert.Empty(_said);
    }

    [Fact]
    public void A_run_of_another_federation_is_set_aside_and_nothing_of_it_lost()
    {
        using var folder = ExperimentFolder.Open(Out);
        var run = Begin(folder);
        TextFile.Write(run.Folder.Report, """{ "phase": "Completed", "method": "rehearsal", "evaluation": [] }""");

        var outcome = folder.Look(Cell, Plan(new Override("federation.rehearsal.mebibytes", "5", "test")), null, _said.Add);

        Assert.Equal(CellState.Open, outcome.State);
        string aside = $"{folder.Of(Cell).Path}.old-1";
        Assert.Equal([$"a-seed1 begins anew, since learning.mebibytes was 22 and is 5; what was there is now {aside}"], _said);
        Assert.True(File.Exists(Path.Combine(aside, "report.json")));
        Assert.False(Directory.Exists(folder.Of(Cell).Path));
    }

    [Fact]
    public void A_run_over_other_data_is_set_aside()
    {
        using var folder = ExperimentFolder.Open(Out);
        Begin(folder);
        string elsewhere = Path.Combine(_folder.Path, "elsewhere");

        folder.Look(Cell, Plan(), elsewhere, _said.Add);

        Assert.StartsWith($"a-seed1 begins anew, since its data were {folder.Of(Cell).Path}/data and are {elsewhere}; ", Assert.Single(_said));
    }

    [Fact]
    public void A_cell_whose_making_was_cut_short_begins_anew()
    {
        using var folder = ExperimentFolder.Open(Out);
        var run = Begin(folder);
        File.Delete(run.Folder.Federation);

        Assert.Equal(CellState.Open, folder.Look(Cell, Plan(), null, _said.Add).State);

        Assert.StartsWith("a-seed1 begins anew, since it never started; ", Assert.Single(_said));
        Begin(folder);
    }

    [Fact]
    public void A_damaged_report_is_asked_for_again()
    {
        using var folder = ExperimentFolder.Open(Out);
        TextFile.Write(Begin(folder).Folder.Report, "{");

        Assert.Equal(CellState.Open, folder.Look(Cell, Plan(), null, _said.Add).State);
        Assert.StartsWith("a-seed1 is asked for its report again", Assert.Single(_said));
    }

    [Fact]
    public void Two_processes_do_not_work_on_one_experiment()
    {
        using (ExperimentFolder.Open(Out))
            Assert.Contains("another process works on this experiment", Problem());
        ExperimentFolder.Open(Out).Dispose();
    }

    [Fact]
    public void A_folder_of_something_else_is_left_alone()
    {
        _folder.Write("out/thesis.md", "years of work");
        Assert.Contains("the folder holds something that is no experiment", Problem());
    }

    [Fact]
    public void Results_lie_there_for_readers_and_for_programs_with_a_figure_of_each_table_that_is_drawn()
    {
        using var folder = ExperimentFolder.Open(Out);
        string[] tasks = ["x", "y", "z"];
        var plan = new ExperimentPlan("trial", [1], [new ComparedMethod("a", "A")],
            [new TablePlan("drawn", "Drawn", ["x", "y", "z"], ["a"], ["accuracy"], Radar: true), new TablePlan("plain", "Plain", ["x", "y", "z"], ["a"], ["accuracy"])]);
        var report = new CellReport(true, "", "m", [.. tasks.Select(t => new Measurement(
            t, "m", 9, ImmutableDictionary<string, double>.Empty.Add("accuracy", 0.7), 0, null, null,
            ImmutableSortedDictionary<string, ImmutableDictionary<string, double>>.Empty))]);

        folder.Write(ExperimentResults.Of(plan, [new CellOutcome(Cell, CellState.Done, Report: report)]));

        Assert.Equal(["drawn.png", "drawn.svg", "experiment.json", "experiment.lock", "results.csv", "results.json", "results.md"],
            Directory.EnumerateFiles(Out).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("![Drawn](drawn.png)", File.ReadAllText(folder.Markdown));
    }

    [Fact]
    public void Tables_and_figures_are_made_again_from_what_lies_there_to_the_same_bytes()
    {
        var plan = Three();
        int[] labels = [.. Enumerable.Range(0, 24).Select(i => i % 2)];
        using (var folder = ExperimentFolder.Open(Out))
        {
            double[] scores = [.. labels.Select((label, i) => label + (i % 5))];
            var predictions = plan.Tables[0].Tasks.SelectMany(task => Reports.Said("fedkim", labels, scores).Select(p => p with { Task = task }));
            string text = Reports.Text("fedkim", [.. plan.Tables[0].Tasks.Select(task =>
            {
                var entry = Reports.Entry(task, "fedkim", 0.7);
                entry["n"] = labels.Length;
                return entry;
            })]);
            Directory.CreateDirectory(folder.Of(Cell).Path);
            TextFile.Write(Path.Combine(folder.Of(Cell).Path, "report.json"), text);
            PredictionFile.Write(folder.Of(Cell).Predictions, [.. predictions]);
            // As a run knows it, which has the federation's report in hand.
            folder.Write(ExperimentResults.Of(plan, [new CellOutcome(Cell, CellState.Done, Report: folder.Of(Cell).Complete(CellReport.Parse(text)))]));
        }
        var written = Files();
        Assert.Contains("of 24 patients", File.ReadAllText(Path.Combine(Out, "results.md")));
        foreach (string name in written.Keys.Where(name => name.StartsWith("results", StringComparison.Ordinal) || name.StartsWith("drawn", StringComparison.Ordinal)))
            File.Delete(Path.Combine(Out, name));

        using (var again = ExperimentFolder.Again(Out))
        {
            Assert.Equal(System.Text.Json.JsonSerializer.Serialize(plan), System.Text.Json.JsonSerializer.Serialize(again.Plan()));
            again.Write(ExperimentResults.Of(again.Plan(), again.Plan().Cells.Select(cell => again.Read(cell, _said.Add))));
        }

        Assert.Empty(_said);
        Assert.Equal(written, Files());
        Assert.Contains("drawn.png", written.Keys);

        Dictionary<string, string> Files() => Directory.EnumerateFiles(Out).Order(StringComparer.Ordinal)
            .ToDictionary(file => Path.GetFileName(file), file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))));
    }

    [Fact]
    public void A_cell_without_predictions_or_with_others_says_so_and_is_done_all_the_same()
    {
        using var folder = ExperimentFolder.Open(Out);
        Directory.CreateDirectory(folder.Of(Cell).Path);
        TextFile.Write(Path.Combine(folder.Of(Cell).Path, "report.json"), Reports.Text("fedkim", Reports.Entry("x", "fedkim", 0.7)));
        Assert.Equal("the model has not been measured sample by sample", Unkept());

        PredictionFile.Write(folder.Of(Cell).Predictions, [.. Reports.Said("fedkim", [0, 1], [0, 1])]);
        Assert.Equal("they are not what the report was made of: they have 0 samples of x by fedkim, and the report 100", Unkept());

        File.WriteAllText(folder.Of(Cell).Predictions, "no parquet");
        Assert.Contains("predictions.parquet: is ", Unkept());

        string Unkept()
        {
            var outcome = folder.Read(Cell, _said.Add);
            Assert.Equal(CellState.Done, outcome.State);
            Assert.Null(outcome.Report!.Predictions);
            return outcome.Report.Unkept;
        }
    }

    [Fact]
    public void Without_an_experiment_there_are_no_tables()
    {
        Assert.Contains("there is no experiment in this folder", Assert.Single(Assert.Throws<InvalidConfigurationException>(() => ExperimentFolder.Again(Out)).Problems));
        ExperimentFolder.Open(Out).Dispose();
        using var folder = ExperimentFolder.Again(Out);
        Assert.Contains("have it written with: fedkim experiment FILE", Assert.Single(Assert.Throws<InvalidConfigurationException>(folder.Plan).Problems));
    }

    private static ExperimentPlan Three() => new("trial", [1], [new ComparedMethod("a", "A")],
        [new TablePlan("drawn", "Drawn", ["x", "y", "z"], ["a"], ["accuracy", "auprc"], Radar: true)]);

    private string Problem() => Assert.Single(Assert.Throws<InvalidConfigurationException>(() => ExperimentFolder.Open(Out)).Problems);

    private static FederationPlan Plan(params ImmutableArray<Override> settings) => FederationFile.Parse(Rehearsal, settings).Plan;

    private static RunSetup Begin(ExperimentFolder folder) =>
        RunSetup.Prepare(new UpOptions { Federation = Rehearsal, Work = folder.Of(Cell).Path, CommandPort = 31_000 }, Repository.Root, _ => { });
}
