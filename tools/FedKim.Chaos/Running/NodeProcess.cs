using System.Diagnostics;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Supervision;

namespace FedKim.Chaos.Running;

/// <summary>
/// One node of a cluster under test: a process, started and ended only when it is told to. It holds the process's standard input open, so
/// that the node ends with this tool, however that one ends.
/// </summary>
internal sealed class NodeProcess(NodePlan plan, RunFolder folder) : IAsyncDisposable
{
    private Process? _process;
    private Task _output = Task.CompletedTask;
    private bool _endedFromHere;

    public NodePlan Plan => plan;

    public string Site => plan.Site;

    /// <summary>The node's work folder.</summary>
    public string Work => Path.Combine(folder.Path, plan.Site);

    /// <summary>Words put before the command that starts the node, such as those that enter a network namespace.</summary>
    public string[] Prefix { get; init; } = [];

    /// <summary>Set in the node's surroundings, over those of this tool.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Id of the latest process; 0 before the first.</summary>
    public int Pid { get; private set; }

    /// <summary>When the latest process was started.</summary>
    public DateTimeOffset Started { get; private set; }

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Starts the node; nothing when it runs.</summary>
    public void Start()
    {
        if (IsRunning)
            return;
        // Whoever watches the node may still look at the process before, which is not disposed for that.
        string[] words = [.. Prefix, .. FedKimProgram.Node(folder.NodeFile(Site))];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        Started = TimeProvider.System.GetUtcNow();
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{words[0]} cannot be started.");
        Pid = _process.Id;
        _endedFromHere = false;
        // As under fedkim up: who trains must not keep the server waiting.
        if (plan.Role != NodeRoles.Server)
            GiveWay(_process);
        _output = CollectAsync(_process);
    }

    /// <summary>Ends the process as a power cut would, and returns when it is gone.</summary>
    public async Task KillAsync()
    {
        if (!IsRunning)
            return;
        _endedFromHere = true;
        Signal.Kill.Send(Pid);
        await _process!.WaitForExitAsync();
    }

    /// <summary>Asks the process to end, and returns when it is gone.</summary>
    /// <exception cref="TimeoutException">It did not end within its own limit; it is killed then.</exception>
    public async Task TerminateAsync()
    {
        if (!IsRunning)
            return;
        var limit = FedKimProgram.StopLimit + TimeSpan.FromSeconds(2);
        _endedFromHere = true;
        Signal.Terminate.Send(Pid);
        try
        {
            await _process!.WaitForExitAsync().WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            await KillAsync();
            throw new TimeoutException($"{Site} did not end within {limit.TotalSeconds} s of SIGTERM.");
        }
    }

    /// <summary>Bytes of memory that the process holds now; 0 when it does not run.</summary>
    public long Memory()
    {
        if (!IsRunning)
            return 0;
        _process!.Refresh();
        return _process.WorkingSet64;
    }

    /// <summary>The exit code of the latest process, once it has ended.</summary>
    public int? ExitCode => _process is { HasExited: true } ended ? ended.ExitCode : null;

    /// <summary>Whether the latest process has ended though nobody here ended it.</summary>
    public bool EndedByItself => ExitCode is not null && !_endedFromHere;

    /// <summary>Whether it runs, and what it printed last.</summary>
    public string Standing() => $"{(IsRunning ? "it runs" : ExitCode is { } code ? $"it ended with exit code {code}" : "it was never started")}, and said last: {LastLines()}";

    /// <summary>What the node printed last.</summary>
    public string LastLines() => File.Exists(folder.Output(Site))
        ? string.Join(" / ", File.ReadLines(folder.Output(Site)).Where(line => line.Length > 0).TakeLast(3))
        : "it printed nothing";

    public async ValueTask DisposeAsync()
    {
        // A frozen process notices nothing else.
        await KillAsync();
        await _output;
        _process?.Dispose();
        _process = null;
    }

    private static void GiveWay(Process process)
    {
        try
        {
            process.PriorityClass = ProcessPriorityClass.BelowNormal;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended already; whoever waits for it is told.
        }
    }

    private async Task CollectAsync(Process process)
    {
        await using var output = new StreamWriter(new FileStream(folder.Output(Site), FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) { AutoFlush = true };
        var gate = new SemaphoreSlim(1);
        try
        {
            await Task.WhenAll(Copy(process.StandardOutput), Copy(process.StandardError));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The disk is full, or the process was let go: what it prints is a help to readers, no more.
        }

        async Task Copy(StreamReader from)
        {
            while (await from.ReadLineAsync() is { } line)
            {
                await gate.WaitAsync();
                await output.WriteLineAsync(line);
                gate.Release();
            }
        }
    }
}
