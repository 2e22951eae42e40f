using System.Diagnostics;
using System.Globalization;
using FedKim.Commands;
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
    private Process? _process;
    private Task<string> _errors = Task.FromResult("");

    public ServerNode()
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
            }
            """));
    }

    public string File => Path.Combine(_folder, "server.conf");

    public string Work => Path.Combine(_folder, "work");

    public string Node => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_commands}");

    /// <summary>Starts it, and waits until its federation's actor answers.</summary>
    public async Task Start()
    {
        Launch();
        while (true)
        {
            Assert.False(_process!.HasExited, _process.HasExited ? $"The server ended with {_process.ExitCode}: {await _errors}" : "");
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
    public async Task<(int ExitCode, string Errors)> StartAndEnd()
    {
        Launch();
        await _process!.WaitForExitAsync(_limit.Token);
        return (_process.ExitCode, await _errors);
    }

    /// <summary>Tells it to end in order.</summary>
    public async Task Stop()
    {
        Signal.Terminate.Send(_process!.Id);
        await _process!.WaitForExitAsync(_limit.Token);
        Assert.Equal(0, _process.ExitCode);
    }

    /// <summary>Ends it as a power cut would.</summary>
    public async Task Kill()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(_limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await Kill();
        _process?.Dispose();
        _limit.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Launch()
    {
        var start = FedKimProgram.Command("node", File);
        start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _errors = _process.StandardError.ReadToEndAsync(_limit.Token);
    }
}
