using System.Diagnostics;
using System.Globalization;

namespace FedKim.Cluster.Tests;

/// <summary>Signals to processes that a test started.</summary>
internal static class Signals
{
    /// <summary>Sends one: <c>TERM</c>, <c>STOP</c>, <c>CONT</c>.</summary>
    public static void Send(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
