using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Launch.Reports;
using FedKim.Models.Injection;
using FedKim.Parameters;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim model adapter export</c> and <c>import</c>: adapters to and from PEFT's layout.</summary>
internal static class AdapterCommand
{
    public static Command Create() => new("adapter", "Brings what an injection has trained into PEFT's layout, and back.") { Export(), Import() };

    private static Command Export()
    {
        var from = new Option<string>("--from") { Description = "The adapters: adapter.safetensors of an injection.", Required = true };
        var model = new Option<string>("--model") { Description = "Folder of the foundation model they belong to; PEFT loads it by this name.", Required = true };
        var to = new Option<string>("--out") { Description = "A new folder: one PEFT LoRA for each expert, router and feature maps beside them.", Required = true };
        var report = new Option<string?>("--report") { Description = "The federation's report.json: alpha.json then says what each expert weighs for each task." };
        var command = new Command("export", "Writes one PEFT LoRA for each expert.") { from, model, to, report };
        command.SetAction(parsed =>
        {
            var alpha = parsed.GetValue(report) is { } file ? Alpha(file, parsed.GetRequiredValue(from)) : null;
            int experts = PeftLayout.Export(parsed.GetRequiredValue(from), parsed.GetRequiredValue(model), parsed.GetRequiredValue(to), alpha);
            Console.WriteLine($"{parsed.GetRequiredValue(to)} | {experts} experts");
            return ExitCodes.Ok;
        });
        return command;
    }

    // Weights of other adapters would fit as well, and mean nothing.
    private static IReadOnlyDictionary<string, ImmutableArray<double>> Alpha(string report, string adapters)
    {
        try
        {
            var told = Report.Parse(File.ReadAllText(report));
            if (Digests.OfFile(adapters) is var own && own.Hex != told.Result?.AdapterSha256)
                throw new InvalidConfigurationException([$"--report {report}: is of the adapters {told.Result?.AdapterSha256 ?? "that are not known yet"}, and --from {adapters} has {own.Hex}. Name the two of one federation."]);
            return told.Alpha ?? throw new InvalidConfigurationException([$"--report {report}: tells of no router. It is written when the model is measured."]);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException([$"--report {report} or --from {adapters} cannot be read: {e.Message}"]);
        }
    }

    private static Command Import()
    {
        var from = new Option<string>("--from") { Description = "Folder that export has written.", Required = true };
        var to = new Option<string>("--out") { Description = "The file to write.", Required = true };
        var command = new Command("import", "Writes adapters as FedKim reads them; unchanged ones come back to the bit.") { from, to };
        command.SetAction(parsed =>
        {
            OutputPaths.CheckFile("--out", parsed.GetRequiredValue(to));
            var digest = PeftLayout.Import(parsed.GetRequiredValue(from), parsed.GetRequiredValue(to));
            Console.WriteLine($"{parsed.GetRequiredValue(to)} | {digest.Hex}");
            return ExitCodes.Ok;
        });
        return command;
    }
}
