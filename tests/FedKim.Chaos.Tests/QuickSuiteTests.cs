using System.Diagnostics;
using System.Text.Json.Nodes;

namespace FedKim.Chaos.Tests;

/// <summary>The tool as a user starts it, on real processes.</summary>
public sealed class QuickSuiteTests
{
    [Fact]
    public async Task Whatever_is_struck_the_result_is_the_undisturbed_one()
    {
        string json = Path.Combine(Directory.CreateTempSubdirectory("fedkim-quick-").FullName, "chaos.json");
        using var chaos = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "FedKim.Chaos.dll"), "--suite", "quick", "--json", json]) { RedirectStandardOutput = true })!;
        string output = await chaos.StandardOutput.ReadToEndAsync();
        await chaos.WaitForExitAsync();

        Assert.True(chaos.ExitCode == 0, output);
        var scenarios = JsonNode.Parse(await File.ReadAllTextAsync(json))!["scenarios"]!.AsArray();
        Assert.InRange(scenarios.Count, 10, 14);
        Assert.All(scenarios, s => Assert.True((bool)s!["survived"]! && (bool)s["hashEqual"]! && (int)s["retrained"]! == 0, s!.ToJsonString()));
        Directory.Delete(Path.GetDirectoryName(json)!, recursive: true);
    }
}
