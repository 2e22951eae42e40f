using System.Globalization;

namespace FedKim.Bench;

/// <summary>
/// What a process and its children do to the machine, and what others do beside them: Linux's own counters, read many times a second, so that
/// any stretch of time can be asked for afterwards.
/// </summary>
internal sealed class WorkMeter : IAsyncDisposable
{
    private const int SectorBytes = 512;

    // USER_HZ, which is the same on every Linux that .NET runs on.
    private const double TicksASecond = 100;

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(40);

    private readonly List<Reading> _readings = [];
    private readonly CancellationTokenSource _end = new();
    private readonly int _root;
    private readonly string? _disk;
    private readonly Task _reading;

    /// <summary>Begins to read.</summary>
    /// <param name="root">The process that starts the others.</param>
    /// <param name="folder">A folder on the disk that is watched.</param>
    public WorkMeter(int root, string folder)
    {
        (_root, _disk) = (root, DiskOf(folder));
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>What was done between two moments.</summary>
    public Work Between(DateTimeOffset from, DateTimeOffset to)
    {
        lock (_readings)
        {
            var (a, b) = (At(from), At(to));
            return new Work(b.Own - a.Own, Math.Max(0, b.All - a.All - (b.Own - a.Own)), (b.Written - a.Written) / (1 << 20), b.Flushes - a.Flushes);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading;
        _end.Dispose();
    }

    private async Task ReadAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            var reading = Read();
            lock (_readings)
                _readings.Add(reading);
            await Task.Delay(Every, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // The reading is finer than a tick of the processes' clocks; a round of a dozen averages that out.
    private Reading At(DateTimeOffset moment)
    {
        int after = _readings.FindIndex(r => r.At >= moment);
        if (after <= 0)
            return after == 0 ? _readings[0] : _readings[^1];
        var (a, b) = (_readings[after - 1], _readings[after]);
        double share = (moment - a.At) / (b.At - a.At);
        return new Reading(moment, Mix(a.Own, b.Own), Mix(a.All, b.All), Mix(a.Written, b.Written), Mix(a.Flushes, b.Flushes));

        double Mix(double from, double to) => from + share * (to - from);
    }

    private Reading Read()
    {
        double own = OwnTicks() / TicksASecond;
        // user, nice, system, idle, iowait, irq, softirq, steal
        double[] all = [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(Number)];
        double[] disk = _disk is null ? [] : [.. File.ReadAllText(_disk).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Number)];
        return new Reading(
            DateTimeOffset.UtcNow, own, (all[0] + all[1] + all[2] + all[5] + all[6]) / TicksASecond,
            disk.Length > 6 ? disk[6] * SectorBytes : double.NaN, disk.Length > 15 ? disk[15] : double.NaN);
    }

    // Of those that have ended their parent counts the time.
    private double OwnTicks()
    {
        var processes = new Dictionary<int, (int Parent, double Ticks)>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out int id))
                continue;
            try
            {
                string text = File.ReadAllText(Path.Combine(folder, "stat"));
                string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
                processes[id] = (int.Parse(fields[1], CultureInfo.InvariantCulture), fields[11..15].Sum(Number));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended.
            }
        }

        return processes.Where(p => IsOwn(p.Key)).Sum(p => p.Value.Ticks);

        bool IsOwn(int id)
        {
            while (id != _root && processes.TryGetValue(id, out var process) && process.Parent > 0)
                id = process.Parent;
            return id == _root;
        }
    }

    private static string? DiskOf(string folder)
    {
        string full = Path.GetFullPath(folder);
        string? device = File.ReadLines("/proc/self/mountinfo").Select(l => l.Split(' ')).Where(f => full == f[4] || full.StartsWith(f[4].TrimEnd('/') + "/", StringComparison.Ordinal))
            .MaxBy(f => f[4].Length)?[2];
        string stat = $"/sys/dev/block/{device}/stat";
        return File.Exists(stat) ? stat : null;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    /// <param name="Cpu">Seconds of processor time of the process and its children.</param>
    /// <param name="Others">Seconds of all other processes.</param>
    /// <param name="Written">MiB that the disk wrote, whoever they were of; NaN where the folder lies on none.</param>
    /// <param name="Flushes">How often the disk was told to keep what it has.</param>
    internal sealed record Work(double Cpu, double Others, double Written, double Flushes);

    private sealed record Reading(DateTimeOffset At, double Own, double All, double Written, double Flushes);
}
