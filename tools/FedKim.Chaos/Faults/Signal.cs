using System.Runtime.InteropServices;

namespace FedKim.Chaos.Faults;

/// <summary>A signal to a process, by its id.</summary>
internal enum Signal
{
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>Sends signals, which .NET itself cannot.</summary>
internal static class Signals
{
    /// <summary>Sends a signal; false when there is no such process or it belongs to somebody else.</summary>
    public static bool Send(this Signal signal, int pid) => Kill(pid, (int)signal) == 0;

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);
}
