using System.Collections.Immutable;
using FedKim.Commands.Answers;
using FedKim.Launch.Supervision;

namespace FedKim.Cluster.Tests;

/// <summary>Processes <c>fedkim node</c>, each started and ended by the test. Disposing ends whatever still runs, and removes their folder.</summary>
internal sealed class RunningNodes : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-nodes-").FullName;
    private readonly Dictionary<string, NodeProcess> _processes = [];
    private readonly CancellationTokenSource _limit = new(Limit);

    /// <summary>Ports of loopback for the nodes' files.</summary>
    public ImmutableArray<int> Ports { get; } = Launch.Machine.Ports.Free(24);

    /// <summary>A path in the folder in which the nodes' files lie.</summary>
    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>Writes a node's file: what every one here has, and <paramref name="settings"/>.</summary>
    public void Write(string site, string role, int port, int commandPort, string settings)
    {
        Directory.CreateDirectory(PathOf("data"));
        File.WriteAllText(PathOf($"{site}.conf"), $$"""
            fedkim {
              site = "{{site}}"
              roles = [{{role}}]
              work = "{{site}}"
              data = "data"
              cluster { host = "127.0.0.1", port = {{port}}, timing = quick }
              commands.port = {{commandPort}}
              {{settings}}
            }
            """);
    }

    public void Start(string site)
    {
        if (!_processes.TryGetValue(site, out var process))
            process = _processes[site] = new NodeProcess(Launch.FedKimProgram.Launch(site, PathOf($"{site}.log"), ["node", PathOf($"{site}.conf")]), TimeProvider.System);
        Assert.True(process.Start());
    }

    /// <summary>What a node printed, in all its processes.</summary>
    public string Output(string site) => _processes[site].Printed();

    /// <summary>Ends as soon as a node has printed this.</summary>
    public Task Prints(string site, string text, int times = 1) => Until(
        () => Task.FromResult(Output(site).Split(text).Length > times), () => $"{site} did not print \"{text}\" {times} times:\n{Output(site)}");

    /// <summary>Ends as soon as a node answers with rows that are as <paramref name="wanted"/>.</summary>
    public Task Answers(int commandPort, string palette, string command, Func<IReadOnlyList<CommandRow>, bool> wanted)
    {
        IReadOnlyList<CommandRow> last = [];
        return Until(async () => wanted(last = await Ask(commandPort, palette, command)), () => $"{palette} {command}: {string.Join("; ", last)}\n{string.Join("\n\n", _processes.Keys.Select(Output))}");
    }

    /// <summary>What a node answers a command with; nothing while it does not.</summary>
    public Task<IReadOnlyList<CommandRow>> Ask(int port, string palette, string command, params (string Name, string Value)[] switches) =>
        NodeAnswer.Of(port, palette, command, switches, _limit.Token);

    public Task Kill(string site) => _processes[site].KillAsync();

    /// <summary>Asks a node to end, as a service manager does, and waits until it has.</summary>
    public async Task Terminate(string site)
    {
        Assert.True(_processes[site].Send(Signal.Terminate));
        await Ends(site);
    }

    /// <summary>A node's exit code, as soon as it has ended by itself.</summary>
    public Task<int> Ends(string site) => _processes[site].Ended.WaitAsync(_limit.Token);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes.Values)
            await process.DisposeAsync();

        _limit.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task Until(Func<Task<bool>> holds, Func<string> otherwise)
    {
        try
        {
            while (!await holds())
                await Task.Delay(50, _limit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail(otherwise());
        }
    }
}
