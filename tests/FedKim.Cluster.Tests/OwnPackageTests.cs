using System.Globalization;
using System.Text.Json.Nodes;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Testing;

namespace FedKim.Cluster.Tests;

/// <summary>A package of the user's own: the sample's, and one that a newcomer makes by the pages of docs.</summary>
public sealed class OwnPackageTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _limit = new(Limit);
    private readonly string _port = Ports.FreeRow(Enumerable.Range(10_000 + (Environment.ProcessId * 67 % 8_000), 800), 8).ToString(CultureInfo.InvariantCulture);

    private static string Package => Path.Combine(AppContext.BaseDirectory, "OwnPackage.dll");

    // As short as a federation can be.
    private string Federation => _folder.Write("own.conf", $$"""
        include "{{RunningFederation.File("rehearsal.conf")}}"
        federation {
          name = own
          strategy = trimmed-mean
          rounds = 2
          rehearsal { mebibytes = 1, milliseconds = 0 }
        }
        """);

    public void Dispose()
    {
        _limit.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_newcomer_adds_a_strategy_by_its_page_and_runs_the_demo_with_it()
    {
        using var page = new WalkThrough("add-a-strategy.md", _port);

        await page.Go(_limit.Token);

        var report = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(page.Folder.Path, "report.json"), _limit.Token))!;
        Assert.Equal(("own", "Completed", "trimmed-mean"), ((string)report["federation"]!, (string)report["phase"]!, (string)report["strategy"]!));
        Assert.Equal(5, report["rounds"]![0]!["participants"]!.AsArray().Count);
        Assert.Contains(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "OwnPackage", "TrimmedMean.cs"), _limit.Token), page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newcomer_adds_a_reader_by_its_page_and_learns_from_what_it_reads()
    {
        using var page = new WalkThrough("add-a-reader.md", _port);

        await page.Go(_limit.Token);

        string[] counts = await File.ReadAllLinesAsync(Path.Combine(page.Folder.Path, "counts.txt"), _limit.Token);
        Assert.Equal(5, counts.Count(line => line.Contains(" | bright | 8 samples | 8 patients | 4 positive, 50.0 %", StringComparison.Ordinal)));
        var report = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(page.Folder.Path, "report.json"), _limit.Token))!;
        Assert.Equal("Completed", (string)report["phase"]!);
        Assert.Contains("bright", report["evaluation"]!.AsArray().Select(e => (string)e!["task"]!));
        Assert.Contains(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "OwnPackage", "PgmFolder.cs"), _limit.Token), page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sample_is_short() => Assert.InRange(
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "samples", "OwnPackage"), "*.cs").Sum(file => File.ReadLines(file).Count()), 1, 79);

    [Fact]
    public async Task A_federation_with_a_strategy_of_a_package_ends_twice_with_the_same_model_and_is_taken_up_with_its_package()
    {
        var first = await Run("first", "--federation", Federation, "--extension", Package);
        var again = await Run("first");
        await using var other = RunningFederation.StartAndStay("--federation", Federation, "--extension", Package);
        var second = await Report(other, "own");
        await FedKimProgram.RunAsync(_limit.Token, "federation", "submit", _folder.Write("mean.conf", $"include \"{Federation}\"\nfederation {{ name = mean, strategy = fedavg }}\n"), "--node", other.Node);
        var mean = await Report(other, "mean");

        Assert.Equal(("Completed", "trimmed-mean"), ((string)first["phase"]!, (string)first["strategy"]!));
        Assert.Equal(first["result"]!.ToJsonString(), second["result"]!.ToJsonString());
        Assert.Equal(first["result"]!.ToJsonString(), again["result"]!.ToJsonString());
        Assert.NotEqual((string)first["result"]!["globalSha256"]!, (string)mean["result"]!["globalSha256"]!);
        Assert.All(Directory.EnumerateFiles(Path.Combine(_folder.Path, "first"), "node.jsonl", SearchOption.AllDirectories), log =>
            Assert.Contains("\"Names\":\"reader pgm-folder, strategy trimmed-mean\"", File.ReadAllText(log), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "federation.strategy is \"trimmed-mean\"; allowed are fedavg, fedprox, fedadam, fedyogi, fedadagrad, clipped-mean. If a package of your own adds it, name its file with --extension")]
    [InlineData("nowhere.dll", "--extension names {0}/nowhere.dll, and there is no such file.")]
    [InlineData("own.conf", "--extension names {0}/own.conf, which is no .NET assembly.")]
    public async Task A_package_that_is_missing_or_none_is_named(string extension, string problem)
    {
        var (code, _, errors) = await FedKimProgram.EndAsync(
            FedKimProgram.Command(["up", "--federation", Federation, "--work", Path.Combine(_folder.Path, "run"), .. extension.Length == 0 ? (string[])[] : ["--extension", Path.Combine(_folder.Path, extension)]]),
            _limit.Token);

        Assert.Equal(ExitCodes.Configuration, code);
        Assert.Contains(string.Format(CultureInfo.InvariantCulture, problem, _folder.Path), errors);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "run")));
    }

    private async Task<JsonNode> Report(RunningFederation cluster, string name)
    {
        await cluster.Await("federation", "list", r => r["federation"].ToString() == name && r["phase"].ToString() == "Completed");
        return JsonNode.Parse(await FedKimProgram.RunAsync(_limit.Token, "federation", "report", name, "--node", cluster.Node))!;
    }

    private async Task<JsonNode> Run(string work, params string[] arguments)
    {
        string folder = Path.Combine(_folder.Path, work);
        var (code, output, errors) = await FedKimProgram.EndAsync(
            FedKimProgram.Command(["up", .. arguments, "--work", folder, "--until-done", "--pbm-port", _port]), _limit.Token);
        Assert.True(code == ExitCodes.Ok, $"fedkim up ended with {code}:\n{output}\n{errors}");
        return JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "report.json"), _limit.Token))!;
    }
}
