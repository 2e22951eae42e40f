using System.Runtime.InteropServices;

namespace FedKim.Launch.Supervision;

/// <summary>POSIX signals to a process, which .NET itself cannot send.</summary>
public static class Signals
{
    /// <summary>Sends a signal; false when there is no such process or it belongs to somebody else.</summary>
    // Below 1 it would go to whole groups of processes.
    public static bool Send(this Signal signal, int pid) => pid > 0 && Kill(pid, (int)signal) == 0;

    /// <summary>Ends this process at once: nothing that hangs in it can hold it back.</summary>
    [DllImport("libc", EntryPoint = "_exit")]
    public static extern void EndSelf(int exitCode);

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);
}
