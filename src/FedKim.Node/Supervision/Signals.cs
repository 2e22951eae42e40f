using System.Runtime.InteropServices;

namespace FedKim.Node.Supervision;

/// <summary>POSIX signals to a process, which .NET itself cannot send.</summary>
internal static class Signals
{
    private const int SigTerm = 15;

    /// <summary>Asks a process to end; does nothing when it is gone.</summary>
    public static void Terminate(int pid) => Kill(pid, SigTerm);

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);
}
