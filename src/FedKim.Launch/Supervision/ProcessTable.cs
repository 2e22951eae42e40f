using System.Collections.Immutable;
using System.Globalization;

namespace FedKim.Launch.Supervision;

/// <summary>The processes of this machine, as proc(5) lists them.</summary>
public static class ProcessTable
{
    private const string Root = "/proc";

    /// <summary>The most memory a living process ever held, its resident set in KiB; 0 when it is gone.</summary>
    public static long PeakKiB(int pid) => Status(pid, "VmHWM:");

    /// <summary>The memory that a living process holds, its resident set in KiB; 0 when it is gone.</summary>
    public static long HeldKiB(int pid) => Status(pid, "VmRSS:");

    /// <summary>The processes that run nodes of a run, by their command lines: each names its node file.</summary>
    /// <param name="folder">The folder of the run, or one above it.</param>
    public static ImmutableArray<(int Pid, string Site)> Nodes(string folder) =>
    [
        .. from entry in Directory.EnumerateDirectories(Root)
           let pid = int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0
           where pid > 0
           let words = Words(pid)
           where words.Contains("node")
           let file = words.FirstOrDefault(w => w.StartsWith(folder, StringComparison.Ordinal) && w.EndsWith(".conf", StringComparison.Ordinal))
           where file is not null
           select (pid, Path.GetFileNameWithoutExtension(file)),
    ];

    private static string[] Words(int pid) => Read(pid, "cmdline")?.Split('\0') ?? [];

    private static long Status(int pid, string key)
    {
        string? line = Read(pid, "status")?.Split('\n').FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }

    // Null where it has ended, or belongs to somebody else.
    private static string? Read(int pid, string name)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"{Root}/{pid}/{name}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
