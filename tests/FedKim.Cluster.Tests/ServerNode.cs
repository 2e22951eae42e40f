using System.Globalization;
using FedKim.Commands;
using FedKim.Commands.Client;
using FedKim.Commands.Palettes;
using FedKim.Launch.Machine;
using FedKim.Launch.Supervision;

namespace FedKim.Cluster.Tests;

/// <summary>One server as a process of its own, with its node file and work folder. Disposing ends it and removes them.</summary>
internal sealed class ServerNode : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-server-").FullName;
    private readonly int _commands;
    private readonly CancellationTokenSource _limit = new(Limit);
    private readonly NodeProcess _process;
    private int _before;

    /// <param name="settings">What its file says besides.</param>
    public ServerNode(string settings = "")
    {
        int[] ports = [.. Ports.Free(3)];
        _commands = ports[2];
        System.IO.File.WriteAllText(File, string.Create(CultureInfo.InvariantCulture, $$"""
            fedkim {
              site = server
              roles = [server]
              work = work
              cluster { port = {{ports[0]}}, seeds = ["127.0.0.1:{{ports[0]}}"], timing = quick }
              weights.port = {{ports[1]}}
              commands.port = {{ports[2]}}
              {{settings}}
            }
            """));
        _process = new NodeProcess(Launch.FedKimProgram.Launch("server", Path.Combine(_folder, "console.log"), ["node", File]), TimeProvider.System);
    }

    public string File => Path.Combine(_folder, "server.conf");

    public string Work => Path.Combine(_folder, "work");

    public string Node => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_commands}");

    /// <summary>Starts it, and waits until its federation's actor answers.</summary>
    public async Task Start()
    {
        Run();
        while (true)
        {
            Assert.True(_process.IsRunning, $"The server ended: {_process.LastLines()}");
            try
            {
                await using var client = await CommandClient.ConnectAsync(new NodeAddress("127.0.0.1", _commands), cancel: _limit.Token);
                await foreach (var _ in client.InvokeAsync(new CommandInvocation("federation", "status"), _limit.Token))
                    return;
            }
            catch (CommandException)
            {
                await Task.Delay(100, _limit.Token);
            }
        }
    }

    /// <summary>Starts it, and waits for its end.</summary>
    public async Task<(int ExitCode, string Printed)> StartAndEnd()
    {
        Run();
        return (await _process.Ended.WaitAsync(_limit.Token), _process.Printed()[_before..]);
    }

    /// <summary>Tells it to end in order.</summary>
    public async Task Stop()
    {
        _process.Send(Signal.Terminate);
        Assert.Equal(0, await _process.Ended.WaitAsync(_limit.Token));
    }

    /// <summary>Ends it as a power cut would.</summary>
    public Task Kill() => _process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _limit.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Run()
    {
        _before = _process.Printed().Length;
        Assert.True(_process.Start());
    }
}
