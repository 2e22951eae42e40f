using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using FedKim.Configuration;
using FedKim.Experiments;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Launch.Results;
using FedKim.Learning;
using FedKim.Learning.Rehearsal;
using FedKim.Models;
using FedKim.Parameters;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim evaluate</c>: measures a finished model again, with the same numbers as its federation's report.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var run = new Option<string?>("--run") { Description = "Folder of a run of fedkim up, or of an experiment's cell." };
        var federation = new Option<string?>("--federation") { Description = "In place of --run: the federation file that the model was made by." };
        var global = new Option<string?>("--global") { Description = "With --federation: file of the global model after the last round." };
        var aggregate = new Option<string?>("--aggregate") { Description = "With --federation: file of the last round's aggregate, for the small models alone." };
        var adapter = new Option<string?>("--adapter") { Description = "With --federation: file of the adapters." };
        var data = new Option<string?>("--data") { Description = "Folder with a folder a site, of which server is read. With --run: in place of the run's own." };
        var split = new Option<string>("--split") { Description = "What is measured on: test or development.", DefaultValueFactory = _ => "test" };
        split.AcceptOnlyFromAmong(EvaluationRequest.Test, EvaluationRequest.Development);
        var torch = new Option<string?>("--torch") { Description = "Folder of a PyTorch installation whose libtorch is used." };
        var predictions = new Option<string?>("--predictions") { Description = "File to write what each method says of each sample to: NAME.parquet, or NAME.csv." };
        var json = new Option<bool>("--json") { Description = "Print the evaluation as it stands in a report, as JSON." };
        Option<string?>[] files = [federation, global, aggregate, adapter];
        var command = new Command("evaluate", "Measures a finished model: injected model, small models alone, constant answers.")
        {
            run, federation, global, aggregate, adapter, data, split, torch, predictions, json,
        };
        command.Check(result =>
        {
            string[] missing = [.. files.Append(data).Where(option => result.GetValue(option) is null).Select(option => option.Name)];
            if (result.GetValue(run) is null && missing.Length > 0)
                result.AddError($"Name a run with --run, or all of its files; {string.Join(", ", missing)} {(missing.Length == 1 ? "is" : "are")} missing.");
            else if (result.GetValue(run) is not null && files.FirstOrDefault(option => result.GetValue(option) is not null) is { } both)
                result.AddError($"{both.Name} goes without --run, which has its own.");
        });
        command.SetAction(async (parsed, _) =>
        {
            var model = parsed.GetValue(run) is { } folder
                ? FinishedModel.Of(folder, parsed.GetValue(data))
                : new FinishedModel(
                    FederationFile.Parse(parsed.GetRequiredValue(federation)!).Plan, Named(parsed.GetValue(global)!), Named(parsed.GetValue(aggregate)!),
                    Named(parsed.GetValue(adapter)!),
                    FinishedModel.ServerData(parsed.GetValue(data)!));
            if (parsed.GetValue(predictions) is { } named)
                PredictionFile.Check(predictions.Name, named);
            using var signals = new StopSignals();
            try
            {
                var log = parsed.GetValue(predictions) is null ? null : new PredictionLog(model.Plan.Id);
                var evaluation = await Task.Run(() => Measure(model, parsed.GetValue(split)!, parsed.GetValue(torch), log, signals.Token), CancellationToken.None);
                if (log is not null)
                    PredictionFile.Write(parsed.GetValue(predictions)!, log.All);
                Print(evaluation, parsed.GetValue(json));
                return ExitCodes.Ok;
            }
            catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
            {
                return ExitCodes.Interrupted;
            }
        });
        return command;
    }

    // Files that a person names are what they are.
    private static WeightFile Named(string path) => new(path, Digests.OfFile(path));

    private static ImmutableArray<TaskEvaluation> Measure(FinishedModel model, string split, string? torch, PredictionLog? log, CancellationToken cancel)
    {
        using var injection = new InjectionByPlan(() =>
        {
            TorchRuntime.Load(torch ?? "", model.Bits);
            var device = new InjectorDevice { Products = Injection.ProductsOf(model.Adapter) };
            return new Injection(model.Data, AppContext.BaseDirectory) { Warn = Console.Error.WriteLine, Log = log, Device = device };
        });
        return injection.Evaluate(
            new EvaluationRequest(model.Plan.Learning, model.Plan.Seed, model.Global, model.Aggregate, model.Adapter) { Split = split },
            p => Console.Error.WriteLine($"{p.Done} of {p.Total} tasks are measured"),
            cancel);
    }

    private static void Print(ImmutableArray<TaskEvaluation> evaluation, bool json)
    {
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(evaluation.Select(task => task with { Routing = null }), JsonSerializerOptions.Web));
        else if (evaluation.IsEmpty)
            Console.WriteLine("Nothing is measured: no task has data there, or the federation learns nothing.");
        else
            EvaluationTable.Print(evaluation, TaskRouting.Of(evaluation));
    }
}
