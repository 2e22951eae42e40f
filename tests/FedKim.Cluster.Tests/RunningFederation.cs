using System.Globalization;
using System.Text.Json.Nodes;
using FedKim.Commands.Answers;
using FedKim.Launch.Machine;
using FedKim.Launch.Supervision;

namespace FedKim.Cluster.Tests;

/// <summary><c>fedkim up</c> as a process, with all the processes it starts. Disposing ends it and whatever it left, and its folder.</summary>
internal sealed class RunningFederation : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private readonly NodeProcess _up;
    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-cluster-").FullName;
    private readonly int _port = Ports.FreeRow(16);
    private readonly CancellationTokenSource _limit = new(Patience);

    private RunningFederation(string[] arguments, bool untilDone)
    {
        string[] until = untilDone ? ["--until-done"] : [];
        string[] words = ["up", .. until, .. arguments, "--work", Work, "--report", Report, "--pbm-port", _port.ToString(CultureInfo.InvariantCulture)];
        _up = new NodeProcess(Launch.FedKimProgram.Launch("up", Path.Combine(_folder, "up.log"), words), TimeProvider.System);
        _up.Start();
    }

    /// <summary>What the run printed so far.</summary>
    public string Output => _up.Printed();

    /// <summary>Where the run keeps its nodes' folders.</summary>
    public string Work => Path.Combine(_folder, "run");

    /// <summary>Where the first server answers commands.</summary>
    public string Node => $"127.0.0.1:{_port}";

    /// <summary>A path in the folder that goes with the run.</summary>
    public string PathOf(string name) => Path.Combine(_folder, name);

    private string Report => Path.Combine(_folder, "report.json");

    public static RunningFederation Start(params string[] arguments) => new(arguments, untilDone: true);

    /// <summary>One whose nodes go on when the federation has ended, until this is disposed.</summary>
    public static RunningFederation StartAndStay(params string[] arguments) => new(arguments, untilDone: false);

    /// <summary>The repository's federation file of this name.</summary>
    public static string File(string name) => Path.Combine(AppContext.BaseDirectory, "federations", name);

    /// <summary>The report, once the run has ended with <paramref name="exitCode"/>.</summary>
    public async Task<JsonNode> End(int exitCode = 0)
    {
        int ended = await _up.Ended.WaitAsync(_limit.Token);
        Assert.True(exitCode == ended, $"fedkim up ended with {ended}, expected {exitCode}:\n{Output}");
        Assert.Empty(Processes());
        return JsonNode.Parse(await System.IO.File.ReadAllTextAsync(Report, _limit.Token))!;
    }

    /// <summary>A command's rows, as soon as a node answers and they are as <paramref name="wanted"/>.</summary>
    public async Task<CommandRow> Await(string palette, string command, Func<CommandRow, bool> wanted)
    {
        while (true)
        {
            Assert.True(_up.IsRunning, $"fedkim up ended before {palette} {command} was as expected:\n{Output}");
            foreach (var row in await Ask(palette, command))
            {
                if (wanted(row))
                    return row;
            }

            await Task.Delay(50, _limit.Token);
        }
    }

    /// <summary>What the server answers now; nothing while it does not.</summary>
    public Task<IReadOnlyList<CommandRow>> Ask(string palette, string command, params (string Name, string Value)[] switches) =>
        NodeAnswer.Of(_port, palette, command, switches, _limit.Token);

    /// <summary>The rounds for which a hospital made at least one step of training to the end, as often as it did so, from its log.</summary>
    public IReadOnlyList<string> Trained(string hospital) => Trained(Work, hospital);

    /// <summary>The same of any run, in its folder.</summary>
    public static IReadOnlyList<string> Trained(string run, string hospital) =>
    [
        .. System.IO.File.ReadLines(Path.Combine(run, hospital, "log", "node.jsonl"))
            .Select(line => JsonNode.Parse(line)!)
            .Where(line => ((string?)line["Text"])?.EndsWith($"{hospital} has trained", StringComparison.Ordinal) == true)
            .Select(line => (string)line["Round"]!),
    ];

    /// <summary>The process of a site that runs.</summary>
    public int Pid(string site) => Processes().Single(p => p.Site == site).Pid;

    /// <summary>The process of a site as soon as it runs.</summary>
    public async Task<int> Process(string site)
    {
        while (true)
        {
            if (Processes().FirstOrDefault(p => p.Site == site) is { Pid: > 0 } found)
                return found.Pid;
            await Task.Delay(20, _limit.Token);
        }
    }

    /// <summary>The same while what watches over the nodes stands still, and does not collect what is left of the process.</summary>
    public async Task KillUncollected(string site)
    {
        Signal.Kill.Send(Pid(site));
        while (Processes().Any(p => p.Site == site))
            await Task.Delay(20, _limit.Token);
    }

    /// <summary>Does something while what watches over the nodes stands still: who is killed stays dead.</summary>
    public async Task WhileFrozen(Func<Task> work)
    {
        _up.Send(Signal.Stop);
        try
        {
            await work();
        }
        finally
        {
            _up.Send(Signal.Continue);
        }
    }

    /// <summary>Ends a site's process as a power cut would.</summary>
    public void Kill(string site)
    {
        using var victim = System.Diagnostics.Process.GetProcessById(Pid(site));
        victim.Kill();
        victim.WaitForExit();
    }

    /// <summary>Stops a site's process where it stands, or lets it go on.</summary>
    public void Send(string site, Signal signal) => Assert.True(signal.Send(Pid(site)));

    /// <summary>Ends with the test's patience.</summary>
    public CancellationToken Limit => _limit.Token;

    /// <summary>The nodes' processes, by their command lines: each names its node file in this run's folder.</summary>
    public IReadOnlyList<(int Pid, string Site)> Processes() => ProcessTable.Nodes(Work);

    public async ValueTask DisposeAsync()
    {
        await _up.DisposeAsync();
        foreach (var (pid, _) in Processes())
        {
            try
            {
                using var process = System.Diagnostics.Process.GetProcessById(pid);
                process.Kill();
                await process.WaitForExitAsync();
            }
            catch (ArgumentException)
            {
                // It has ended since.
            }
        }

        _limit.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
