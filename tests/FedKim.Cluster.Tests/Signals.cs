using System.Diagnostics;
using System.Globalization;

namespace FedKim.Cluster.Tests;

/// <summary>Signals to processes that a test started.</summary>
internal static class Signals
{
    /// <summary>Sends one: <c>TERM</c>, <c>STOP</c>, <c>CONT</c>, <c>KILL</c>.</summary>
    public static void Send(Process process, string signal) => Send(process.Id, signal);

    /// <summary>The same, by the process's id.</summary>
    public static void Send(int pid, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
