using System.Collections.Immutable;

namespace FedKim.Launch.Supervision;

/// <summary>Whether and when a process that ended is started again. Pure; the caller keeps the clock.</summary>
/// <param name="FirstDelay">Pause before the first restart; it doubles with every further one, up to eight times.</param>
/// <param name="Limit">Restarts allowed within <paramref name="Window"/>; one more end and the process is given up.</param>
/// <param name="Window">Ends longer ago than this are forgotten.</param>
public sealed record RestartPolicy(TimeSpan FirstDelay, int Limit, TimeSpan Window)
{
    /// <summary>Five restarts a minute, after 0.25 s, 0.5 s, 1 s, 2 s, 2 s.</summary>
    public static RestartPolicy Default { get; } = new(TimeSpan.FromMilliseconds(250), 5, TimeSpan.FromMinutes(1));

    /// <summary>The pause before the next start; null when the process is given up.</summary>
    /// <param name="ends">When the process ended so far, oldest first; the last one is the end in question.</param>
    public TimeSpan? Pause(ImmutableArray<DateTimeOffset> ends)
    {
        int recent = ends.Count(end => end > ends[^1] - Window);
        return recent > Limit ? null : FirstDelay * Math.Pow(2, Math.Min(recent - 1, 3));
    }
}
