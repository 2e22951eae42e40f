namespace FedKim.Launch.Supervision;

/// <summary>What happened to a supervised process.</summary>
public abstract record ProcessNews(string Name, int Pid)
{
    /// <summary>It runs.</summary>
    public sealed record Started(string Name, int Pid) : ProcessNews(Name, Pid);

    /// <summary>It ended without being asked to.</summary>
    /// <param name="Name">The site.</param>
    /// <param name="Pid">Its process id.</param>
    /// <param name="ExitCode">Its exit code; 128 plus the signal when a signal ended it.</param>
    /// <param name="RestartIn">When it is started again; null when it is given up.</param>
    /// <param name="Output">File with everything it printed.</param>
    public sealed record Ended(string Name, int Pid, int ExitCode, TimeSpan? RestartIn, string Output) : ProcessNews(Name, Pid);
}
