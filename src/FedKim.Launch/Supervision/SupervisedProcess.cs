using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;

namespace FedKim.Launch.Supervision;

/// <summary>
/// One process that is kept running: started again when it dies, given up when it dies too often, ended when asked.
/// It holds the process's standard input open, see <see cref="ParentWatch"/>. Nothing that is wrong with the disk, or with whoever is told,
/// keeps it from that.
/// </summary>
public sealed class SupervisedProcess
{
    // Of a process that could not be started at all, as a shell says it.
    private const int NotStarted = 126;

    // How long what an ended process printed may take to arrive, and how long the system may take to end one.
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2), KillLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AskDiskAgain = TimeSpan.FromSeconds(1);

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
        string? problem = Start();
        Completion = Task.Run(() => KeepRunning(problem));
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

    /// <summary>Asks the process to end, kills it after <paramref name="limit"/>, and returns when it is gone, or when not even that ended it.</summary>
    public async Task StopAsync(TimeSpan limit)
    {
        SampleMemory();
        await _stopping.CancelAsync();
        lock (_gate)
        {
            if (_current is not null)
                Signal.Terminate.Send(Pid);
        }
        if (await EndsWithin(limit))
            return;
        lock (_gate)
        {
            if (_current is not null)
                Signal.Kill.Send(Pid);
        }
        await EndsWithin(KillLimit);
    }

    private async Task<bool> EndsWithin(TimeSpan limit)
    {
        try
        {
            await Completion.WaitAsync(limit, _clock);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Starts the process; returns why it cannot be started.</summary>
    private string? Start()
    {
        lock (_gate)
        {
            var start = new ProcessStartInfo(_launch.FileName, _launch.Arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            try
            {
                _current = Process.Start(start) ?? throw new InvalidOperationException("the system started nothing");
            }
            catch (Exception e) when (e is Win32Exception or IOException or InvalidOperationException)
            {
                return $"{_launch.FileName} cannot be started: {e.Message}";
            }
            Pid = _current.Id;
            if (_launch.Background)
                GiveWay(_current);
            return null;
        }
    }

    // At once, while there is but one thread: those to come inherit it.
    private static void GiveWay(Process process)
    {
        try
        {
            process.PriorityClass = ProcessPriorityClass.BelowNormal;
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended already; whoever waits for it is told.
        }
    }

    private async Task<bool> KeepRunning(string? problem)
    {
        ImmutableArray<DateTimeOffset> ends = [];
        while (true)
        {
            int exitCode = problem is null ? await ToItsEnd() : await CannotStart(problem);
            if (_stopping.IsCancellationRequested)
                return true;

            ends = ends.Add(_clock.GetUtcNow());
            var pause = _launch.FinalExitCodes.Contains(exitCode) ? null : _policy.Pause(ends);
            Announce(new ProcessNews.Ended(Name, Pid, exitCode, pause, _launch.Output));
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
            problem = Start();
            if (_stopping.IsCancellationRequested && problem is null)
                Signal.Terminate.Send(Pid);
        }
    }

    private async Task<int> ToItsEnd()
    {
        var process = _current!;
        Announce(new ProcessNews.Started(Name, Pid));
        var output = CollectOutput(process);
        await process.WaitForExitAsync();
        int exitCode = process.ExitCode;
        lock (_gate)
            _current = null;
        // Who inherited its streams may hold them open for ever.
        await Task.WhenAny(output, Task.Delay(DrainLimit, _clock));
        process.Dispose();
        return exitCode;
    }

    private async Task<int> CannotStart(string problem)
    {
        using var output = OpenOutput();
        await WriteLine(output, problem);
        return NotStarted;
    }

    private void Announce(ProcessNews news)
    {
        try
        {
            _announce(news);
        }
        catch (Exception)
        {
            // Whoever is told may have nowhere to write; the process is kept running all the same.
        }
    }

    /// <summary>
    /// Appends what the process prints to its output file until it closes both streams. What the file does not take is read all the same: a
    /// process whose output nobody takes stands still.
    /// </summary>
    private async Task CollectOutput(Process process)
    {
        using var output = OpenOutput();
        using var turn = new SemaphoreSlim(1);
        long? full = null;
        await Task.WhenAll(Copy(process.StandardOutput), Copy(process.StandardError));

        async Task Copy(StreamReader from)
        {
            try
            {
                while (await from.ReadLineAsync() is { } line)
                {
                    await turn.WaitAsync();
                    // A full disk is not asked again for every line.
                    if (full is null || _clock.GetElapsedTime(full.Value) > AskDiskAgain)
                        full = await WriteLine(output, line) ? null : _clock.GetTimestamp();
                    turn.Release();
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // The process has ended, and its streams were held open by another.
            }
        }
    }

    private FileStream? OpenOutput()
    {
        try
        {
            return new FileStream(_launch.Output, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static async Task<bool> WriteLine(FileStream? output, string line)
    {
        try
        {
            if (output is not null)
                await output.WriteAsync(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
