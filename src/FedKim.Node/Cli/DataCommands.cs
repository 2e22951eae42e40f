using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using FedKim.Configuration;
using FedKim.Data;
using FedKim.Data.Dealing;
using FedKim.Data.Demo;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Learning;
using FedKim.Rounds;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim data generate</c>, <c>deal</c> and <c>inspect</c>.</summary>
internal static class DataCommands
{
    /// <summary>Reasons of what was left out that a line tells.</summary>
    private const int MostReasons = 3;

    public static Command Create() => new("data", "Makes demo data, deals data sets to the sites of a federation and looks at data folders.") { Generate(), Deal(), Inspect() };

    private static Command Generate()
    {
        var folder = new Option<string>("--out") { Description = "Where to; an empty or new folder, or one with demo data.", Required = true };
        var hospitals = new Option<int>("--hospitals") { Description = "Number of hospitals.", DefaultValueFactory = _ => 5 };
        var seed = new Option<long>("--seed") { Description = "The same seed gives the same files.", DefaultValueFactory = _ => 1 };
        hospitals.Require(count => count >= 1, "--hospitals must be at least 1.");
        var command = new Command("generate", "Makes demo data: images, ECG and intensive care, a folder a site.") { folder, hospitals, seed };
        command.SetAction(parsed =>
        {
            string to = parsed.GetRequiredValue(folder);
            OutputPaths.MakeFolder("--out", to, DemoData.Room);
            OutputPaths.Writing($"--out {to}", () => DemoData.Generate(to, parsed.GetValue(hospitals), parsed.GetValue(seed)));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Deal()
    {
        var federation = new Option<string>("--federation") { Description = "Federation file: its tasks are dealt to its clients.", Required = true };
        var from = new Option<string>("--from") { Description = "Folder with the whole data sets. It is read and never written to, and it is needed as long as what is dealt from it is in use.", Required = true };
        var folder = new Option<string>("--out") { Description = "Where to; an empty or new folder, for up --data.", Required = true };
        var seed = new Option<long?>("--seed") { Description = "The same seed deals alike. Without it: the federation's." };
        var weights = new Option<ImmutableSortedDictionary<string, double>>("--weight")
        {
            Description = "SITE=NUMBER: how many private patients a hospital gets compared with one of weight 1, which is what the others have. May be given several times.",
            CustomParser = Weights,
            Arity = ArgumentArity.OneOrMore,
            DefaultValueFactory = _ => ImmutableSortedDictionary<string, double>.Empty,
        };
        var json = JsonOption();
        var command = new Command("deal", "Deals data sets by patient: private to the hospitals, public, development and test to the server, 7:1:1:1, or as their publisher parted them where a task says split = published. No data are copied.")
        {
            federation, from, folder, seed, weights, json,
        };
        command.SetAction(parsed =>
        {
            string file = parsed.GetRequiredValue(federation);
            var plan = FederationFile.Parse(file).Plan;
            var given = parsed.GetValue(weights)!;
            var sites = FederationFile.Sites(file).ToImmutableSortedDictionary(site => site, site => given.GetValueOrDefault(site, 1), StringComparer.Ordinal);
            if (given.Keys.FirstOrDefault(site => !sites.ContainsKey(site)) is { } unknown)
                throw new InvalidConfigurationException([$"--weight {unknown}: {file} invites no such site; it invites {string.Join(", ", sites.Keys)}."]);
            if (sites.Values.All(weight => weight == 0))
                throw new InvalidConfigurationException(["--weight: no site has a weight above 0; leave one above it."]);
            var tasks = Tasks(plan, file);
            Print(DealtFolder.Write(parsed.GetRequiredValue(from), parsed.GetRequiredValue(folder), tasks, sites, parsed.GetValue(seed) ?? plan.Seed), tasks,
                parsed.GetValue(json));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Inspect()
    {
        var folder = new Argument<string>("DIR") { Description = "A folder with a folder a site, as data generate and data deal make it, one site's, or one with whole data sets." };
        var federation = new Option<string?>("--federation") { Description = "Federation file with the tasks to look for. Without it: the demo's." };
        var json = JsonOption();
        var command = new Command("inspect", "Reads all tasks' data in every place, counts samples, patients, positive labels and what is missing, and checks that nobody stands in two places.")
        {
            folder, federation, json,
        };
        command.SetAction(parsed =>
        {
            string file = parsed.GetValue(federation) ?? Path.Combine(AppContext.BaseDirectory, "federations", "demo.conf");
            var tasks = Tasks(FederationFile.Parse(file).Plan, file);
            var inspection = Inspection.Of(parsed.GetRequiredValue(folder), tasks);
            Print(inspection, tasks, parsed.GetValue(json));
            foreach (string problem in inspection.Problems)
                Console.Error.WriteLine(problem);
            return inspection.Problems.IsEmpty ? ExitCodes.Ok : ExitCodes.Data;
        });
        return command;
    }

    private static Option<bool> JsonOption() => new("--json") { Description = "Print JSON." };

    private static ImmutableArray<DataTask> Tasks(FederationPlan plan, string file) => plan.Method == FederationFile.Rehearsal
        ? throw new InvalidConfigurationException([$"{file}: federation.method is {FederationFile.Rehearsal}; such a federation reads no data."])
        : [.. LearningPlan.Parse(plan.Learning).Tasks.Select(t => new DataTask(t.Name, t.Source, t.Kind == TaskPlan.ZeroShotKind))];

    private static ImmutableSortedDictionary<string, double> Weights(ArgumentResult result)
    {
        var weights = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (string text in result.Tokens.Select(token => token.Value))
        {
            if (text.Split('=') is [{ Length: > 0 } site, string number]
                && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double weight) && weight >= 0 && double.IsFinite(weight))
            {
                weights[site] = weight;
            }
            else
            {
                result.AddError($"--weight is {text}; it must be a site and its weight, not below 0, such as hospital-a=2.");
            }
        }
        return weights.ToImmutable();
    }

    private static void Print(Inspection inspection, ImmutableArray<DataTask> tasks, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(inspection.Counts, JsonSerializerOptions.Web));
            return;
        }
        foreach (var c in inspection.Counts)
        {
            Console.WriteLine(Line(c));
            foreach (string remark in c.Remarks)
                Console.WriteLine($"{c.Folder} | {c.Task} | {remark}");
        }

        foreach (var pool in inspection.Pools.GroupBy(count => count.Pool, StringComparer.Ordinal))
            Console.WriteLine($"people of {pool.Key} | {string.Join(" | ", pool.Select(count => $"{count.Folder} {count.People}"))}");
        string[] without = [.. tasks.Select(task => task.Name).Except(inspection.Counts.Select(c => c.Task))];
        if (without.Length > 0)
            Console.WriteLine($"No data: {string.Join(", ", without)}");
        Console.WriteLine($"Count: {inspection.Counts.Length}");
    }

    private static string Line(TaskCount c)
    {
        IEnumerable<string> parts =
        [
            c.Folder, c.Task, $"{c.Samples} samples", $"{c.Patients} patients", $"{c.Positive} positive, {Percent(c.PositiveShare)}",
            .. c.Unmeasured.Select(m => $"{m.Key} {Percent(m.Value)} unmeasured"),
            // Of variables, --json tells the ranges one by one.
            .. c.Ranges.Where(range => !range.Key.Contains('.', StringComparison.Ordinal))
                .Select(range => string.Create(CultureInfo.InvariantCulture, $"{range.Key} {range.Value.Least:0.####} to {range.Value.Most:0.####}")),
            .. c.Seen.Select(seen => $"{seen.Value} {seen.Key}"),
            .. c.LeftOut.Take(MostReasons).Select(reason => $"{reason.Value} left out: {reason.Key}"),
        ];
        int others = c.LeftOut.Skip(MostReasons).Sum(reason => reason.Value);
        return string.Join(" | ", others == 0 ? parts : parts.Append($"{others} more left out; --json says why"));
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %");
}
