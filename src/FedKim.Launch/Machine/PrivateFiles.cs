using System.Runtime.InteropServices;

namespace FedKim.Launch.Machine;

/// <summary>Files and folders that are this account's alone: what a node keeps says more about its site than others on the machine may know.</summary>
public static class PrivateFiles
{
    private const uint NobodyElse = 0b000_111_111;
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OthersMayRead = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static uint? _before;

    /// <summary>Everything this process makes from now on, and the processes it starts: folders 0700, files 0600.</summary>
    public static void FromNowOn()
    {
        if (!OperatingSystem.IsWindows())
            _before ??= Mask(NobodyElse);
    }

    /// <summary>Makes a folder with what is missing above it, for this account alone. One that is there stays as it is.</summary>
    public static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, Own);
    }

    /// <summary>Takes a file or a folder of this account's from everybody else, where an earlier version or another program left it open.</summary>
    /// <returns>Whether it was open.</returns>
    /// <exception cref="UnauthorizedAccessException">It is another account's.</exception>
    public static bool Close(string path)
    {
        if (OperatingSystem.IsWindows() || !IsOpen(path))
            return false;
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) & ~(UnixFileMode)NobodyElse);
        return true;
    }

    /// <summary>Whether others on the machine may look into a folder or a file.</summary>
    public static bool IsOpen(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & (UnixFileMode)NobodyElse) != 0;

    /// <summary>Gives a file that a person asked for the rights that their other files have.</summary>
    public static void AsUsual(string path)
    {
        if (!OperatingSystem.IsWindows() && _before is { } mask)
            File.SetUnixFileMode(path, OthersMayRead & ~(UnixFileMode)mask);
    }

    [DllImport("libc", EntryPoint = "umask")]
    private static extern uint Mask(uint mask);
}
