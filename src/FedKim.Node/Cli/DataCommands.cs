using System.CommandLine;
using System.Text.Json;
using FedKim.Data;
using FedKim.Data.Demo;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim data generate</c> and <c>fedkim data inspect</c>.</summary>
internal static class DataCommands
{
    public static Command Create() => new("data", "Makes demo data and looks at data folders.") { Generate(), Inspect() };

    private static Command Generate()
    {
        var folder = new Option<string>("--out") { Description = "Where to; an empty or new folder, or one with demo data.", Required = true };
        var hospitals = new Option<int>("--hospitals") { Description = "Number of hospitals.", DefaultValueFactory = _ => 5 };
        var seed = new Option<long>("--seed") { Description = "The same seed gives the same files.", DefaultValueFactory = _ => 1 };
        hospitals.Validators.Add(result =>
        {
            if (result.GetValue(hospitals) < 1)
                result.AddError("--hospitals must be at least 1.");
        });
        var command = new Command("generate", "Makes demo data: images, ECG and intensive care, a folder a site.") { folder, hospitals, seed };
        command.SetAction(parsed =>
        {
            DemoData.Generate(parsed.GetRequiredValue(folder), parsed.GetValue(hospitals), parsed.GetValue(seed));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Inspect()
    {
        var folder = new Argument<string>("DIR") { Description = "A folder with a folder a site, as data generate makes it." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("inspect", "Reads the demo tasks' data in every folder below and counts samples, patients and positive labels.") { folder, json };
        command.SetAction(parsed =>
        {
            var counts = Counts(parsed.GetRequiredValue(folder)).ToList();
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(counts, JsonSerializerOptions.Web));
            else
            {
                foreach (var c in counts)
                    Console.WriteLine($"{c.Folder} | {c.Task} | {c.Samples} samples | {c.Patients} patients | {c.Positive} positive");
                Console.WriteLine($"Count: {counts.Count}");
            }
            return ExitCodes.Ok;
        });
        return command;
    }

    private static IEnumerable<TaskCount> Counts(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DataException(folder, "there is no such folder.");
        string server = Path.Combine(folder, "server");
        var places = Directory.EnumerateDirectories(folder).Where(place => place != server)
            .Concat(Directory.Exists(server) ? Directory.EnumerateDirectories(server) : [])
            .Order(StringComparer.Ordinal);
        return from place in places
               from source in DemoData.Sources
               let data = DataSet.Read(source.Value, place)
               where data is not null
               select new TaskCount(
                   Path.GetRelativePath(folder, place),
                   source.Key,
                   data.Samples.Length,
                   data.Samples.Select(sample => sample.Patient).Distinct().Count(),
                   data.Samples.Count(sample => sample.Label == 1));
    }

    private sealed record TaskCount(string Folder, string Task, int Samples, int Patients, int Positive);
}
