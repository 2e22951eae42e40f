using System.Runtime.InteropServices;
using FedKim.Launch.Supervision;

namespace FedKim.Bench;

/// <summary>The main memory of this process, as Linux counts it: files mapped into it included.</summary>
internal static partial class OwnMemory
{
    /// <summary>MiB held now.</summary>
    public static double Held => Environment.WorkingSet / (double)(1 << 20);

    /// <summary>The most MiB held since <see cref="ForgetPeak"/>.</summary>
    public static double Peak => ProcessTable.PeakKiB(Environment.ProcessId) / 1024.0;

    /// <summary>Gives back what was freed and sets the peak to what is held now; see clear_refs in proc(5).</summary>
    public static void ForgetPeak()
    {
        _ = Trim(0);
        File.WriteAllText("/proc/self/clear_refs", "5");
    }

    // Freed memory stays with the process otherwise, and hides what comes next.
    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);
}
