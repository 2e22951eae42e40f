using System.Runtime.InteropServices;
using FedKim.Parameters;

namespace FedKim.Transfer;

/// <summary>A second name for a file's bytes.</summary>
internal static partial class HardLink
{
    /// <summary>Gives <paramref name="file"/> the name <paramref name="target"/> too, in place of what has it; across file systems it copies.</summary>
    internal static void Create(string file, string target)
    {
        string temporary = target + ".copy";
        File.Delete(temporary);
        if (OperatingSystem.IsLinux() && Link(file, temporary) == 0)
        {
            File.Move(temporary, target, overwrite: true);
            // Renaming one name of a file to another of the same file leaves both.
            File.Delete(temporary);
            return;
        }

        using (var copy = DurableFile.Begin(temporary))
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
