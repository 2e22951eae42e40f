using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace FedKim.Launch.Supervision;

/// <summary>
/// One process, started and ended only when it is told to, and again when it has ended. It holds the process's standard input open, see
/// <see cref="ParentWatch"/>, and appends what it prints to a file. Nothing that is wrong with that file keeps it from anything.
/// </summary>
/// <param name="launch">What to run.</param>
/// <param name="clock">The clock of the waits.</param>
public sealed class NodeProcess(ProcessLaunch launch, TimeProvider clock) : IAsyncDisposable
{
    // Of a process that could not be started at all, as a shell says it.
    private const int NotStarted = 126;

    // How long what an ended process printed may take to arrive.
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AskDiskAgain = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Process? _current;

    /// <summary>Id of the latest process; 0 before the first.</summary>
    public int Pid { get; private set; }

    /// <summary>Whether the latest process has not ended.</summary>
    public bool IsRunning
    {
        get
        {
            lock (_gate)
                return _current is { HasExited: false };
        }
    }

    /// <summary>The exit code of the latest process; null before its end is known.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>The exit code of the latest process, once it has ended and what it printed lies in its file; 126 where it could not be started.</summary>
    public Task<int> Ended { get; private set; } = Task.FromResult(0);

    /// <summary>Starts it; nothing where it runs.</summary>
    /// <returns>Whether it runs. Where it cannot be started, its output says why.</returns>
    public bool Start()
    {
        lock (_gate)
        {
            if (IsRunning)
                return true;
            var start = new ProcessStartInfo(launch.Words[0], launch.Words[1..])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            foreach (var (name, value) in launch.Environment)
                start.Environment[name] = value;
            ExitCode = null;
            try
            {
                _current = Process.Start(start) ?? throw new InvalidOperationException("the system started nothing");
            }
            catch (Exception e) when (e is Win32Exception or IOException or InvalidOperationException)
            {
                Ended = CannotStart($"{launch.Words[0]} cannot be started: {e.Message}");
                return false;
            }
            Pid = _current.Id;
            if (launch.Background)
                GiveWay(_current);
            Ended = ToItsEnd(_current);
            return true;
        }
    }

    /// <summary>Sends a signal; false where it does not run.</summary>
    public bool Send(Signal signal)
    {
        // The number of a process that has ended may be somebody else's by now.
        lock (_gate)
            return IsRunning && signal.Send(Pid);
    }

    /// <summary>Ends the process as a power cut would, and returns when it is gone.</summary>
    public async Task KillAsync()
    {
        Send(Signal.Kill);
        await Ended;
    }

    /// <summary>Asks the process to end, kills it after <paramref name="limit"/>, and returns when it is gone.</summary>
    /// <returns>Whether it did not have to be killed.</returns>
    public async Task<bool> TerminateAsync(TimeSpan limit)
    {
        Send(Signal.Terminate);
        try
        {
            await Ended.WaitAsync(limit, clock);
            return true;
        }
        catch (TimeoutException)
        {
            await KillAsync();
            return false;
        }
    }

    /// <summary>All that it printed, in all its processes.</summary>
    public string Printed() => File.Exists(launch.Output) ? File.ReadAllText(launch.Output) : "";

    /// <summary>What it printed last, on one line for a message.</summary>
    public string LastLines() => LastLines(launch.Output);

    /// <inheritdoc cref="LastLines()"/>
    /// <param name="output">The file of what was printed.</param>
    public static string LastLines(string output)
    {
        const int Lines = 3;
        try
        {
            return File.Exists(output) ? string.Join(" / ", File.ReadLines(output).Where(line => line.Length > 0).TakeLast(Lines)) : "it printed nothing";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"what it printed cannot be read: {e.Message}";
        }
    }

    /// <summary>Ends it as a power cut would; one that is frozen notices nothing else.</summary>
    public async ValueTask DisposeAsync() => await KillAsync();

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

    private async Task<int> ToItsEnd(Process process)
    {
        var output = CollectOutput(process);
        await process.WaitForExitAsync();
        int code = process.ExitCode;
        lock (_gate)
        {
            if (ReferenceEquals(_current, process))
                (_current, ExitCode) = (null, code);
        }
        // Who inherited its streams may hold them open for ever.
        await Task.WhenAny(output, Task.Delay(DrainLimit, clock));
        process.Dispose();
        return code;
    }

    private async Task<int> CannotStart(string problem)
    {
        using var output = OpenOutput();
        await WriteLine(output, problem);
        ExitCode = NotStarted;
        return NotStarted;
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
                    if (full is null || clock.GetElapsedTime(full.Value) > AskDiskAgain)
                        full = await WriteLine(output, line) ? null : clock.GetTimestamp();
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
            return new FileStream(launch.Output, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
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
                await output.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
