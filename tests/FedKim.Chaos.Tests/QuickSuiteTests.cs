using System.Diagnostics;
using System.Text.Json.Nodes;

namespace FedKim.Chaos.Tests;

/// <summary>The tool as a user starts it, on real processes.</summary>
public sealed class QuickSuiteTests
{
    [Fact]
    public async Task Whatever_is_struck_the_result_is_the_undisturbed_one()
    {
        string folder = Directory.CreateTempSubdirectory("fedkim-quick-").FullName;
        string json = Path.Combine(folder, "chaos.json");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "FedKim.Chaos.dll"), "--suite", "quick", "--seed", "20261128", "--json", json])
        {
            RedirectStandardOutput = true,
        };
        using var chaos = Process.Start(start)!;
        try
        {
            string output = await chaos.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await chaos.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.True(chaos.ExitCode == 0, output);
            var scenarios = JsonNode.Parse(await File.ReadAllTextAsync(json, TestContext.Current.CancellationToken))!["scenarios"]!.AsArray();
            Assert.InRange(scenarios.Count, 20, 24);
            Assert.All(scenarios, s => Assert.True((bool)s!["survived"]! && (bool)s["hashEqual"]! && (int)s["retrained"]! == 0, s!.ToJsonString()));
        }
        finally
        {
            // Its nodes end with it.
            if (!chaos.HasExited)
                chaos.Kill();
            Directory.Delete(folder, recursive: true);
        }
    }
}
