using System.Diagnostics;
using System.Text.Json.Nodes;

namespace FedKim.Cluster.Tests;

/// <summary>An experiment as a process: killed in the middle of a federation and started again.</summary>
public sealed class ExperimentTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-experiment-");
    private readonly CancellationTokenSource _limit = new(Limit);

    private string Out => Path.Combine(_folder.FullName, "out");

    public void Dispose()
    {
        _limit.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task An_experiment_killed_inside_a_federation_goes_on_inside_it_and_runs_nothing_again()
    {
        string file = Path.Combine(_folder.FullName, "trial.conf");
        await File.WriteAllTextAsync(file, $$"""
            experiment {
              name = trial
              federation = "{{RunningFederation.File("rehearsal.conf")}}"
              seeds = [4]
              methods {
                first.federation {
                  rounds = 1
                  clients = [hospital-a, hospital-b]
                  rehearsal.mebibytes = 1
                  rehearsal.milliseconds = 0
                }
                second.federation {
                  rounds = 2
                  clients = [hospital-a, hospital-b]
                  rehearsal.mebibytes = 1
                  rehearsal.milliseconds = 1500
                }
              }
              tables.all.tasks = [training]
            }
            """, _limit.Token);

        using (var killed = Start(file))
        {
            while (await killed.StandardOutput.ReadLineAsync(_limit.Token) is { } line)
            {
                if (line.Contains("second-seed4: 1 of 2 rounds are committed", StringComparison.Ordinal))
                    killed.Kill();
            }
            await killed.WaitForExitAsync(_limit.Token);
            Assert.NotEqual(0, killed.ExitCode);
        }
        string first = await Report("first");
        Assert.False(File.Exists(ReportFile("second")));

        string output = await FedKimProgram.RunAsync(_limit.Token, "experiment", file, "--out", Out);

        Assert.Contains("2 federations of 2 methods and 1 seed; 1 is done already", output);
        Assert.Equal(first, await Report("first"));
        var second = JsonNode.Parse(await Report("second"))!;
        Assert.Equal(["committed", "committed"], second["rounds"]!.AsArray().Select(r => (string)r!["outcome"]!));
        // Round 1 was over when the experiment was killed, and nobody trained it again.
        Assert.All((string[])["hospital-a", "hospital-b"], site => Assert.Single(Trained(site), "rehearsal/1"));
        var results = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Out, "results.json"), _limit.Token))!;
        Assert.Equal(["done", "done"], results["cells"]!.AsArray().Select(c => (string)c!["state"]!));
        Assert.Contains("2 of 2 federations are done", output);
    }

    private Process Start(string file) => Process.Start(FedKimProgram.Command("experiment", file, "--out", Out))!;

    private string ReportFile(string method) => Path.Combine(Out, "cells", $"{method}-seed4", "report.json");

    private Task<string> Report(string method) => File.ReadAllTextAsync(ReportFile(method), _limit.Token);

    private IEnumerable<string> Trained(string hospital) => RunningFederation.Trained(Path.Combine(Out, "cells", "second-seed4"), hospital);
}
