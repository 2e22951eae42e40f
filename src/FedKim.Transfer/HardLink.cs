using System.Runtime.InteropServices;
using FedKim.Parameters;

namespace FedKim.Transfer;

/// <summary>A second name for a file's bytes.</summary>
internal static partial class HardLink
{
    private const int AlreadyThere = 17;

    /// <summary>Gives <paramref name="file"/> the name <paramref name="target"/> too, unless that is taken; across file systems it copies.</summary>
    internal static void Create(string file, string target)
    {
        if (File.Exists(target)) return;
        if (OperatingSystem.IsLinux() && (Link(file, target) == 0 || Marshal.GetLastPInvokeError() == AlreadyThere)) return;
        string temporary = target + ".copy";
        using (var copy = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        using (var source = File.OpenRead(file))
        {
            source.CopyTo(copy);
            copy.Flush();
            DurableFile.Commit(copy.SafeFileHandle, temporary, target);
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);
}
