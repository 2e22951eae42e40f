using System.Globalization;

namespace FedKim.Launch.Progress;

/// <summary>A line for everything that happens, with the time since the start.</summary>
public sealed class LineView(TextWriter output, TimeProvider clock) : IProgressView
{
    private readonly long _start = clock.GetTimestamp();
    private readonly Lock _gate = new();
    private Snapshot? _last;

    /// <inheritdoc/>
    public void Show(Snapshot? snapshot)
    {
        if (snapshot is null)
            return;
        foreach (string line in ProgressLines.Between(_last, snapshot))
            Say(line);
        _last = snapshot;
    }

    /// <inheritdoc/>
    public void Say(string line)
    {
        lock (_gate)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.GetElapsedTime(_start).TotalSeconds,7:0.0} s  {line}"));
            output.Flush();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
