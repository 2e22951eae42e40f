using System.Globalization;
using System.Runtime.InteropServices;
using FedKim.Certificates;

namespace FedKim.Node.Cli.Join;

/// <summary>Looks at a site's data folder from outside: what is in its files <c>fedkim data inspect</c> says.</summary>
internal static class DataCheck
{
    // Enough to find a mistake, and little to wait for.
    private const int MostLooked = 10_000;
    private const int MayRead = 4;
    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>What is found.</summary>
    public static Finding Of(SitePlan plan)
    {
        string data = plan.Data;
        if (data.Length == 0)
            return Finding.Wrong("data", $"a node of a {PeerId.Name(plan.Id.Role)} reads data. Name the folder: --data DIR");
        if (!Directory.Exists(data))
            return Finding.Wrong("data", $"there is no folder {data}, or this account ({Environment.UserName}) may not see it. Correct the path, mount the folder, or mend the rights");
        if (Holds(plan.Work, data) || Holds(data, plan.Work))
            return Finding.Wrong("data", $"{data} and the work folder {plan.Work} lie in each other: what the node makes and what it reads must be apart. Name another --work or --data");
        try
        {
            string[] files = [.. Directory.EnumerateFiles(data, "*", Everything).Take(MostLooked)];
            if (files.FirstOrDefault(file => !IsReadable(file)) is { } unreadable)
                return Finding.Wrong("data", $"{unreadable} may not be read by this account ({Environment.UserName}). Give it the right to read what is in {data}");
            if (files.Length == 0)
                return Finding.Doubt("data", $"{data} has no files. A rehearsal needs none; what learns does");
            string count = string.Create(CultureInfo.InvariantCulture, $"{data} has {files.Length} file{(files.Length == 1 ? "" : "s")}{(files.Length == MostLooked ? " or more" : "")}");
            return !OperatingSystem.IsWindows() && File.GetUnixFileMode(data).HasFlag(UnixFileMode.OtherWrite)
                ? Finding.Doubt("data", $"{count}, and every account of this machine may change them: chmod o-w {data}")
                : new Finding("data", $"{count}, and this account may read them");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Wrong("data", $"{data} cannot be read by this account ({Environment.UserName}): {e.Message.TrimEnd('.')}. Give it the right to read what is in there");
        }
    }

    /// <summary>Whether a folder is another, or has it below; as they are on the disk, whatever links lead there.</summary>
    private static bool Holds(string outer, string inner)
    {
        string below = Path.GetRelativePath(Real(outer), Real(inner));
        return below == "." || (!Path.IsPathRooted(below) && below.Split('/', '\\')[0] != "..");
    }

    private static string Real(string path)
    {
        string full = Path.GetFullPath(path);
        if (Path.GetDirectoryName(full) is not { } above)
            return full;
        string own = Path.Combine(Real(above), Path.GetFileName(full));
        return Directory.Exists(own) && new DirectoryInfo(own).ResolveLinkTarget(returnFinalTarget: true) is { } target ? target.FullName : own;
    }

    // Asked of the system: to open a pipe that lies there would wait for ever.
    private static bool IsReadable(string file) => OperatingSystem.IsWindows() || Access(file, MayRead) == 0;

    [DllImport("libc", EntryPoint = "access", CharSet = CharSet.Ansi)]
    private static extern int Access(string path, int mode);
}
