using FedKim.Launch;
using FedKim.Launch.Machine;

namespace FedKim.Node.Cli.Join;

/// <summary>Looks at the work folder, or at where it will be made: this account's, on a local disk with room, closed to others.</summary>
internal static class WorkCheck
{
    private const long LeastRoom = 100L << 20, LittleRoom = 2L << 30;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>What is found.</summary>
    /// <param name="work">A full path.</param>
    public static Finding Of(string work)
    {
        if (File.Exists(work))
            return Finding.Wrong("work", $"{work} is a file. Name a folder: --work DIR");
        string there = work;
        while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { } above)
            there = above;
        try
        {
            OutputPaths.Probe(there);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string denied = there == work ? $"{work} cannot be written to" : $"{work} is not there, and cannot be made in {there}";
            return Finding.Wrong("work", $"{denied} by this account ({Environment.UserName}): {e.Message.TrimEnd('.')}. Give the folder to it, or name another: --work DIR");
        }
        string what = there == work ? work : $"{work} (to be made)";
        if (DiskRoom.Free(there) is not { } free)
            return Finding.Doubt("work", $"{what}: the system does not say how much room its disk has");
        string room = $"{what}: {DiskRoom.Mebibytes(free)} free";
        return free < LeastRoom ? Finding.Wrong("work", $"{room}; a node needs {DiskRoom.Mebibytes(LeastRoom)} to begin with. Make room, or name another folder: --work DIR")
            : free < LittleRoom ? Finding.Doubt("work", $"{room}, which models and checkpoints may fill")
            : Kind(there) is { } kind ? Finding.Doubt("work", $"{room}, {kind}. Name a folder on a local disk: --work DIR")
            : there == work && IsOpen(work) ? Finding.Doubt("work", $"{room}, and other accounts may look into it: chmod 700 {work}")
            : new Finding("work", $"{room}, {(there == work ? "this account's alone" : "for this account alone")}");
    }

    /// <summary>The process of this site's node that works there now; null for none.</summary>
    /// <param name="work">A full path.</param>
    public static string? RunningIn(string work)
    {
        string path = Path.Combine(work, FedKimProgram.LockName);
        try
        {
            if (!File.Exists(path))
                return null;
            using var own = FolderLock.TryTake(path);
            return own is null ? FolderLock.Holder(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whose folder it is was looked at before.
            return null;
        }
    }

    private static string? Kind(string folder) => new DriveInfo(folder) switch
    {
        { DriveType: DriveType.Network } network => $"on a disk of another machine ({network.DriveFormat}), which may be away and may not keep what it says it has",
        { DriveType: DriveType.Ram } memory => $"in this machine's memory ({memory.DriveFormat}), which is gone when it starts again",
        _ => null,
    };

    private static bool IsOpen(string folder) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder) & Others) != UnixFileMode.None;
}
