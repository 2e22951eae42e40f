using System.Runtime.InteropServices;

namespace FedKim.Node.Supervision;

/// <summary>POSIX signals to a process, which .NET itself cannot send.</summary>
internal static class Signals
{
    private const int SigKill = 9, SigTerm = 15;

    /// <summary>Asks a process to end; does nothing when it is gone.</summary>
    public static void Terminate(int pid) => SendTo(pid, SigTerm);

    /// <summary>Ends a process, whatever it does; does nothing when it is gone.</summary>
    public static void Kill(int pid) => SendTo(pid, SigKill);

    /// <summary>Ends this process at once: nothing that hangs in it can hold it back.</summary>
    [DllImport("libc", EntryPoint = "_exit")]
    public static extern void EndSelf(int exitCode);

    // Below 1 it would go to whole groups of processes.
    private static void SendTo(int pid, int signal)
    {
        if (pid > 0)
            _ = Send(pid, signal);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Send(int pid, int signal);
}
