using System.CommandLine;
using FedKim.Configuration;
using FedKim.Experiments;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Launch.Progress;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim experiment</c>: many federations, and tables and figures of what they reach.</summary>
internal static class ExperimentCommand
{
    private const int MostJobs = 16;

    // Of a federation of the usual size.
    private const int MostNodes = 16;

    // Rows of ports for pbm, so that no two federations that run at a time meet.
    private const int Row = 100, Rows = 100;

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The experiment: methods, seeds, tables; see cluster/experiments for examples." };
        var folder = new Option<string?>("--out") { Description = "Folder for the federations' runs and the results; an experiment that lies there goes on." };
        var data = new Option<string?>("--data") { Description = "Folder with one folder a site. Without it demo data is made, the same for every federation." };
        var jobs = new Option<int>("--jobs") { Description = "Federations that run at a time.", DefaultValueFactory = _ => 1 };
        var json = new Option<bool>("--json") { Description = "Print the results as JSON, and the progress as errors." };
        var explain = new Option<bool>("--explain") { Description = "Say what would be run, what each table compares and stands for, and what differs from that, and run nothing." };
        jobs.Require(count => count is >= 1 and <= MostJobs, $"--jobs must be 1 to {MostJobs}.");
        var command = new Command("experiment", "Runs a federation for every method and seed, and makes tables and figures of their reports.") { file, folder, data, jobs, json, explain, Tables() };
        command.Check(result =>
        {
            if (!result.GetValue(explain) && string.IsNullOrEmpty(result.GetValue(folder)))
                result.AddError($"{folder.Name} is missing: name a folder for the runs and the results, or ask for {explain.Name} alone.");
        });
        command.SetAction(async (parsed, _) =>
        {
            if (parsed.GetValue(explain))
            {
                Console.Write(Explanation.Of(ExperimentFile.Read(parsed.GetRequiredValue(file))));
                return ExitCodes.Ok;
            }
            FileLimit.Check(FileLimit.OfNode);
            using var signals = new StopSignals();
            PrivateFiles.FromNowOn();
            var experiment = ExperimentFile.Read(parsed.GetRequiredValue(file));
            using var opened = ExperimentFolder.Open(parsed.GetRequiredValue(folder)!);
            await using var lines = new LineView(parsed.GetValue(json) ? Console.Error : Console.Out, TimeProvider.System);
            string? given = parsed.GetValue(data) is { } path ? Path.GetFullPath(path) : null;
            FileLimit.Check(FileLimit.OfUp(parsed.GetValue(jobs) * MostNodes));
            var results = await RunAsync(experiment, opened, given, parsed.GetValue(jobs), lines.Say, signals.Token);

            Print(results, opened, parsed.GetValue(json));
            if (signals.Token.IsCancellationRequested || results.Cells.Any(c => c.State == CellState.Open))
            {
                await Console.Error.WriteLineAsync("Stopped before the experiment was done. The same command goes on where it was.");
                return ExitCodes.Interrupted;
            }
            return results.Cells.All(c => c.State == CellState.Done) ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }

    private static Command Tables()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder of an experiment." };
        var json = new Option<bool>("--json") { Description = "Print the results as JSON." };
        var command = new Command("tables", "Makes an experiment's tables and figures again, from its reports and predictions and without a model.") { folder, json };
        command.SetAction(parsed =>
        {
            PrivateFiles.FromNowOn();
            using var opened = ExperimentFolder.Again(parsed.GetRequiredValue(folder));
            var plan = opened.Plan();
            var results = ExperimentResults.Of(plan, plan.Cells.Select(cell => opened.Read(cell, Console.Error.WriteLine)));
            opened.Write(results);
            Print(results, opened, parsed.GetValue(json));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Print(ExperimentResults results, ExperimentFolder folder, bool json) => Console.WriteLine(
        json ? ResultsJson.Of(results).TrimEnd() : $"\n{File.ReadAllText(folder.Markdown)}\nThe same, for other programs, with figures: {Path.GetDirectoryName(folder.Markdown)}");

    private static Task<ExperimentResults> RunAsync(Experiment experiment, ExperimentFolder folder, string? data, int jobs, Action<string> say, CancellationToken stop)
    {
        var plans = experiment.Plan.Cells.ToDictionary(cell => cell, experiment.FederationOf);
        // Federations over the demo's sites share one demonstration, of the first seed.
        foreach (var sites in experiment.Plan.Cells.Where(HasDemoData).Select(experiment.SitesOf).DistinctBy(sites => sites.Length))
            RunSetup.MakeDemoData(folder.DemoData(sites.Length), sites, experiment.Plan.Seeds[0], experiment.Federation, say, stop);
        return new ExperimentRun(
            experiment.Plan,
            cell => folder.Look(cell, plans[cell], DataOf(cell), say),
            (cell, place, cancel) =>
            {
                var candidates = Enumerable.Range(0, Rows).Where(row => row % jobs == place).Select(row => UpOptions.DefaultCommandPort + (row * Row));
                return CellRun.RunAsync(
                    experiment, cell, folder.Of(cell), DataOf(cell), Ports.FreeRow(candidates, FederationFile.Sites(plans[cell]).Length + 2), say, cancel);
            },
            folder.Write,
            say,
            TimeProvider.System).RunAsync(jobs, stop);

        bool HasDemoData(Cell cell) => data is null && plans[cell].Method != FederationFile.Rehearsal;

        string? DataOf(Cell cell) => HasDemoData(cell) ? folder.DemoData(experiment.SitesOf(cell).Length) : data;
    }
}
