using System.Collections.Immutable;
using System.Diagnostics;

namespace FedKim.Node.Supervision;

/// <summary>
/// One process that is kept running: started again when it dies, given up when it dies too often, ended when asked.
/// It holds the process's standard input open, see <see cref="ParentWatch"/>.
/// </summary>
public sealed class SupervisedProcess
{
    private readonly ProcessLaunch _launch;
    private readonly RestartPolicy _policy;
    private readonly TimeProvider _clock;
    private readonly Action<ProcessNews> _announce;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private Process? _current;
    private long _peakKiB;

    /// <param name="launch">What to run.</param>
    /// <param name="policy">When to run it again.</param>
    /// <param name="clock">The clock of the pauses.</param>
    /// <param name="announce">Told of every start and end, from any thread.</param>
    public SupervisedProcess(ProcessLaunch launch, RestartPolicy policy, TimeProvider clock, Action<ProcessNews> announce)
    {
        (_launch, _policy, _clock, _announce) = (launch, policy, clock, announce);
        Start();
        Completion = Task.Run(KeepRunning);
    }

    /// <summary>The site.</summary>
    public string Name => _launch.Name;

    /// <summary>Id of the latest process.</summary>
    public int Pid { get; private set; }

    /// <summary>Most memory any of its processes held so far, in MiB, as of the last <see cref="SampleMemory"/>.</summary>
    public double PeakRssMiB => Interlocked.Read(ref _peakKiB) / 1024.0;

    /// <summary>Ends when the process has ended for good; true if it was asked to.</summary>
    public Task<bool> Completion { get; }

    /// <summary>Takes note of the running process's peak memory.</summary>
    public void SampleMemory()
    {
        lock (_gate)
            _peakKiB = Math.Max(_peakKiB, PeakMemory.KiB(Pid));
    }

    /// <summary>Asks the process to end, kills it after <paramref name="limit"/>, and returns when it is gone.</summary>
    public async Task StopAsync(TimeSpan limit)
    {
        SampleMemory();
        await _stopping.CancelAsync();
        lock (_gate)
        {
            if (_current is not null)
                Signals.Terminate(Pid);
        }
        try
        {
            await Completion.WaitAsync(limit, _clock);
        }
        catch (TimeoutException)
        {
            lock (_gate)
                _current?.Kill();
        }
        await Completion;
    }

    private void Start()
    {
        lock (_gate)
        {
            var start = new ProcessStartInfo(_launch.FileName, _launch.Arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            _current = Process.Start(start) ?? throw new InvalidOperationException($"{_launch.FileName} cannot be started.");
            Pid = _current.Id;
            if (_launch.Background)
                GiveWay(_current);
        }
    }

    // At once, while there is but one thread: those to come inherit it.
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

    private async Task<bool> KeepRunning()
    {
        ImmutableArray<DateTimeOffset> ends = [];
        while (true)
        {
            var process = _current!;
            _announce(new ProcessNews.Started(Name, Pid));
            await CollectOutput(process);
            await process.WaitForExitAsync();
            int exitCode = process.ExitCode;
            lock (_gate)
                _current = null;
            process.Dispose();
            if (_stopping.IsCancellationRequested)
                return true;

            ends = ends.Add(_clock.GetUtcNow());
            var pause = _launch.FinalExitCodes.Contains(exitCode) ? null : _policy.Pause(ends);
            _announce(new ProcessNews.Ended(Name, Pid, exitCode, pause, _launch.Output));
            if (pause is null)
                return false;
            try
            {
                await Task.Delay(pause.Value, _clock, _stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return true;
            }
            Start();
            if (_stopping.IsCancellationRequested)
                Signals.Terminate(Pid);
        }
    }

    /// <summary>Appends what the process prints to its output file until it closes both streams.</summary>
    private async Task CollectOutput(Process process)
    {
        await using var output = new FileStream(_launch.Output, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        var gate = new SemaphoreSlim(1);
        await Task.WhenAll(Copy(process.StandardOutput), Copy(process.StandardError));

        async Task Copy(StreamReader from)
        {
            while (await from.ReadLineAsync() is { } line)
            {
                await gate.WaitAsync();
                output.Write(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
                output.Flush();
                gate.Release();
            }
        }
    }
}
