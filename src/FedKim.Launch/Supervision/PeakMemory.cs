using System.Globalization;

namespace FedKim.Launch.Supervision;

/// <summary>The most memory a process ever held, as the kernel counts it.</summary>
public static class PeakMemory
{
    /// <summary>Peak resident set of a living process in KiB (VmHWM of proc(5)); 0 when it is gone.</summary>
    public static long KiB(int pid)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line[6..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
