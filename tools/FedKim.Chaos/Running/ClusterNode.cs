using FedKim.Launch;
using FedKim.Launch.Supervision;

namespace FedKim.Chaos.Running;

/// <summary>One node of a cluster under test, started and ended only when a scenario says so. It ends with this tool, however that one ends.</summary>
/// <param name="plan">The node.</param>
/// <param name="folder">The folder of its run.</param>
/// <param name="launch">How it is started.</param>
internal sealed class ClusterNode(NodePlan plan, RunFolder folder, ProcessLaunch launch) : IAsyncDisposable
{
    private readonly NodeProcess _process = new(launch, TimeProvider.System);
    private bool _endedFromHere;

    public NodePlan Plan => plan;

    public string Site => plan.Site;

    /// <summary>The node's work folder.</summary>
    public string Work => Path.Combine(folder.Path, Site);

    /// <summary>Id of the latest process; 0 before the first.</summary>
    public int Pid => _process.Pid;

    /// <summary>When the latest process was started.</summary>
    public DateTimeOffset Started { get; private set; }

    public bool IsRunning => _process.IsRunning;

    /// <summary>The exit code of the latest process, once it has ended.</summary>
    public Task<int> Ended => _process.Ended;

    /// <summary>Whether the latest process has ended though nobody here ended it.</summary>
    public bool EndedByItself => _process.ExitCode is not null && !_endedFromHere;

    /// <summary>Bytes of memory that the process holds now; 0 when it does not run.</summary>
    public long Memory() => IsRunning ? ProcessTable.HeldKiB(Pid) << 10 : 0;

    /// <summary>Starts the node; nothing when it runs.</summary>
    public void Start()
    {
        if (IsRunning)
            return;
        (Started, _endedFromHere) = (TimeProvider.System.GetUtcNow(), false);
        _process.Start();
    }

    /// <summary>Ends the process as a power cut would, and returns when it is gone.</summary>
    public async Task KillAsync()
    {
        if (!IsRunning)
            return;
        _endedFromHere = true;
        await _process.KillAsync();
    }

    /// <summary>Asks the process to end, and returns when it is gone.</summary>
    /// <exception cref="TimeoutException">It did not end within its own limit; it is killed then.</exception>
    public async Task TerminateAsync()
    {
        if (!IsRunning)
            return;
        var limit = FedKimProgram.StopLimit + TimeSpan.FromSeconds(2);
        _endedFromHere = true;
        if (!await _process.TerminateAsync(limit))
            throw new TimeoutException($"{Site} did not end within {limit.TotalSeconds} s of SIGTERM.");
    }

    /// <summary>Sends a signal, where it runs.</summary>
    public void Send(Signal signal) => _process.Send(signal);

    /// <summary>Whether it runs, and what it printed last.</summary>
    public string Standing() =>
        $"{(IsRunning ? "it runs" : _process.ExitCode is { } code ? $"it ended with exit code {code}" : "it was never started")}, and said last: {LastLines()}";

    /// <summary>What the node printed last.</summary>
    public string LastLines() => _process.LastLines();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
