using FedKim.Node.Supervision;

namespace FedKim.Bench;

/// <summary>The main memory of this process, as Linux counts it: files mapped into it included.</summary>
internal static class OwnMemory
{
    /// <summary>MiB held now.</summary>
    public static double Held => Environment.WorkingSet / (double)(1 << 20);

    /// <summary>The most MiB held since <see cref="ForgetPeak"/>.</summary>
    public static double Peak => PeakMemory.KiB(Environment.ProcessId) / 1024.0;

    /// <summary>Sets the peak to what is held now; see clear_refs in proc(5).</summary>
    public static void ForgetPeak() => File.WriteAllText("/proc/self/clear_refs", "5");
}
