using System.Collections.Immutable;

namespace FedKim.Launch.Supervision;

/// <summary>
/// One process that is kept running: started again when it dies, given up when it dies too often, ended when asked. Nothing that is wrong
/// with whoever is told keeps it from that.
/// </summary>
public sealed class SupervisedProcess
{
    // How long the system may take to end one.
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(5);

    private readonly NodeProcess _process;
    private readonly ProcessLaunch _launch;
    private readonly RestartPolicy _policy;
    private readonly TimeProvider _clock;
    private readonly Action<ProcessNews> _announce;
    private readonly CancellationTokenSource _stopping = new();
    private long _peakKiB;

    /// <param name="launch">What to run.</param>
    /// <param name="policy">When to run it again.</param>
    /// <param name="clock">The clock of the pauses.</param>
    /// <param name="announce">Told of every start and end, from any thread.</param>
    public SupervisedProcess(ProcessLaunch launch, RestartPolicy policy, TimeProvider clock, Action<ProcessNews> announce)
    {
        (_process, _launch, _policy, _clock, _announce) = (new NodeProcess(launch, clock), launch, policy, clock, announce);
        bool runs = _process.Start();
        Completion = Task.Run(() => KeepRunning(runs));
    }

    /// <summary>The site.</summary>
    public string Name => _launch.Name;

    /// <summary>Id of the latest process.</summary>
    public int Pid => _process.Pid;

    /// <summary>Most memory any of its processes held so far, in MiB, as of the last <see cref="SampleMemory"/>.</summary>
    public double PeakRssMiB => Interlocked.Read(ref _peakKiB) / 1024.0;

    /// <summary>Ends when the process has ended for good; true if it was asked to.</summary>
    public Task<bool> Completion { get; }

    /// <summary>Takes note of the running process's peak memory.</summary>
    public void SampleMemory()
    {
        lock (_stopping)
            _peakKiB = Math.Max(_peakKiB, ProcessTable.PeakKiB(Pid));
    }

    /// <summary>Asks the process to end, kills it after <paramref name="limit"/>, and returns when it is gone, or when not even that ended it.</summary>
    public async Task StopAsync(TimeSpan limit)
    {
        SampleMemory();
        await _stopping.CancelAsync();
        _process.Send(Signal.Terminate);
        if (await EndsWithin(limit))
            return;
        _process.Send(Signal.Kill);
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

    private async Task<bool> KeepRunning(bool runs)
    {
        ImmutableArray<DateTimeOffset> ends = [];
        while (true)
        {
            if (runs)
                Announce(new ProcessNews.Started(Name, Pid));
            int exitCode = await _process.Ended;
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
            runs = _process.Start();
            if (_stopping.IsCancellationRequested)
                _process.Send(Signal.Terminate);
        }
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
}
