using System.Runtime.InteropServices;
using FedKim.Configuration;

namespace FedKim.Launch.Machine;

/// <summary>How many files, sockets and pipes this process may have open. Below what it needs it would fail in the middle of its work.</summary>
public static class FileLimit
{
    /// <summary>What a node needs: it has about 200 at work, and more with many sites.</summary>
    public const int OfNode = 256;

    // RLIMIT_NOFILE on Linux.
    private const int OpenFiles = 7;

    /// <summary>What <c>fedkim up</c> needs for so many nodes: three pipes, an output file and a watch each.</summary>
    public static int OfUp(int nodes) => 128 + (8 * nodes);

    /// <summary>Refuses to go on with less.</summary>
    /// <exception cref="InvalidConfigurationException">The limit is lower.</exception>
    public static void Check(int needed)
    {
        if (Current() is { } limit && limit < (ulong)needed)
        {
            throw new InvalidConfigurationException(
                [$"This process may have {limit} files open (ulimit -n), and needs {needed}. Raise the limit: ulimit -n 1024, or LimitNOFILE of the service."]);
        }
    }

    // The runtime has raised the soft limit to the hard one at its start.
    private static ulong? Current() => OperatingSystem.IsLinux() && Get(OpenFiles, out var limit) == 0 ? limit.Soft : null;

    [DllImport("libc", EntryPoint = "getrlimit")]
    private static extern int Get(int resource, out Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
