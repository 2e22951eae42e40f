using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;
using FedKim.Actors;
using FedKim.Commands;
using FedKim.Commands.Answers;
using FedKim.Commands.Client;
using FedKim.Commands.Palettes;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Launch.Reports;
using FedKim.Launch.Supervision;
using FedKim.Testing;

namespace FedKim.Attack.Tests;

/// <summary>A rehearsal of small models, each node a process with its certificate, as <c>fedkim up</c> lays it out. Disposing ends every process and removes the folder.</summary>
internal sealed class SmallFederation : IAsyncDisposable
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    private readonly TemporaryFolder _folder = new();
    private readonly RunSetup _setup;
    private readonly Dictionary<string, NodeProcess> _processes;

    /// <param name="hospitals">Whom it invites.</param>
    /// <param name="rounds">How many rounds it has.</param>
    public SmallFederation(IReadOnlyList<string> hospitals, int rounds)
    {
        ImmutableArray<Override> settings =
        [
            Set("clients", $"[{string.Join(", ", hospitals)}]"), Set("rounds", rounds.ToString(CultureInfo.InvariantCulture)), Set("seed", "7"), Set("update-checks.max-norm", "1000"),
            Set("rehearsal.mebibytes", "1"), Set("rehearsal.milliseconds", "50"),
        ];
        string text = FederationFile.Parse(Path.Combine(AppContext.BaseDirectory, "federations", "rehearsal.conf"), settings).Text;
        _setup = RunSetup.Prepare(
            new UpOptions
            {
                Federation = _folder.Write("federation.conf", text),
                Work = _folder["run"],
                CommandPort = Ports.FreeRow(hospitals.Count + 2),
                Timing = Timing.Quick,
            },
            _folder.Path,
            _ => { });
        _processes = _setup.Nodes.ToDictionary(node => node.Site, node => new NodeProcess(_setup.Folder.Launch(node), TimeProvider.System));
    }

    /// <summary>The folder of its run.</summary>
    public string Run => _setup.Folder.Path;

    /// <summary>Its nodes.</summary>
    public ImmutableArray<NodePlan> Nodes => _setup.Nodes;

    /// <summary>The federation's name.</summary>
    public Rounds.FederationId Id => _setup.Plan.Id;

    /// <summary>The sites whose processes run.</summary>
    public IEnumerable<string> Running => _processes.Where(p => p.Value.IsRunning).Select(p => p.Key);

    /// <summary>Starts these nodes.</summary>
    public void Start(params IEnumerable<string> sites)
    {
        foreach (string site in sites)
            Assert.True(_processes[site].Start(), _processes[site].LastLines());
    }

    /// <summary>A command's rows, once the server answers with what is wanted.</summary>
    public async Task<IReadOnlyList<CommandRow>> AwaitAsync(string palette, string command, Func<IReadOnlyList<CommandRow>, bool> wanted, CancellationToken cancel)
    {
        while (true)
        {
            foreach (var (site, process) in _processes.Where(p => p.Value.ExitCode is not null))
                Assert.Fail($"{site} ended with {process.ExitCode}: {process.LastLines()}");
            if (await AskAsync(palette, command, cancel) is { } rows && wanted(rows))
                return rows;
            await Task.Delay(50, cancel);
        }
    }

    /// <summary>The report, once the federation has ended.</summary>
    public async Task<Report> EndAsync(CancellationToken cancel)
    {
        await AwaitAsync("federation", "status", rows => rows.Any(row => row["phase"].ToString() is "Completed" or "Failed" or "Stopped"), cancel);
        return Report.Parse((await AwaitAsync("federation", "report", rows => rows.Count > 0, cancel))[0]["message"].ToString()!);
    }

    /// <summary>Asks every node to end, and waits until it has.</summary>
    public async Task StopAsync()
    {
        foreach (string role in (string[])[NodeRoles.Hospital, NodeRoles.Injector, NodeRoles.Server])
        {
            var running = _setup.Nodes.Where(n => n.Role == role).Select(n => _processes[n.Site]).Where(p => p.IsRunning);
            await Task.WhenAll(running.Select(p => p.TerminateAsync(FedKimProgram.StopLimit)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes.Values)
            await process.DisposeAsync();
        _setup.Dispose();
        _folder.Dispose();
    }

    private static Override Set(string key, string value) => new($"federation.{key}", value, "the test");

    private async Task<IReadOnlyList<CommandRow>?> AskAsync(string palette, string command, CancellationToken cancel)
    {
        try
        {
            await using var client = await CommandClient.ConnectAsync(new NodeAddress("127.0.0.1", _setup.Nodes[0].CommandPort), AnswerWithin, cancel);
            var rows = new List<CommandRow>();
            await foreach (var row in client.InvokeAsync(new CommandInvocation(palette, command), cancel))
                rows.Add(row);
            return rows;
        }
        catch (Exception e) when (e is CommandException or IOException or SocketException)
        {
            return null;
        }
    }
}
