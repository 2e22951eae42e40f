using FedKim.Configuration;


namespace FedKim.Launch.Machine;

/// <summary>Files and folders that an option names to write to: looked at before the work, so that nobody works for what cannot be kept.</summary>
public static class OutputPaths
{
    /// <summary>Refuses a file that could not be written.</summary>
    /// <param name="option">The option, for the error.</param>
    /// <param name="path">The file, which need not exist.</param>
    /// <exception cref="InvalidConfigurationException">Its folder is missing or may not be written to, or the path is a folder's or a device's.</exception>
    public static void CheckFile(string option, string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
        if (Directory.Exists(path))
            throw Wrong($"{option} {path}: this is a folder. Name a file.");
        // It would be replaced by a file of its name.
        if (folder == "/dev" || folder.StartsWith("/dev/", StringComparison.Ordinal))
            throw Wrong($"{option} {path}: this is a device. Name a file.");
        if (!Directory.Exists(folder))
            throw Wrong($"{option} {path}: there is no folder {folder}. Make it, or name another file.");
        // What stands there is replaced, which its own rights do not forbid.
        Writing($"{option} {path}", () => Probe(folder));
    }

    /// <summary>Makes a folder where it is missing, and refuses one that could not be written to.</summary>
    /// <param name="option">The option, for the error.</param>
    /// <param name="path">The folder.</param>
    /// <param name="room">Bytes that are about to be written.</param>
    /// <exception cref="InvalidConfigurationException">It cannot be made, may not be written to, or its disk has no room.</exception>
    public static void MakeFolder(string option, string path, long room)
    {
        Writing($"{option} {path}", () =>
        {
            Directory.CreateDirectory(path);
            Probe(path);
        });
        DiskRoom.Check($"{option} {path}", path, room);
    }

    /// <summary>Does what writes there; where the disk or the rights forbid it, the option is named.</summary>
    /// <exception cref="InvalidConfigurationException">It could not be written.</exception>
    public static void Writing(string what, Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong($"{what}: it cannot be written: {e.Message.TrimEnd('.')}. Make room or mend the rights, or name another place.");
        }
    }

    /// <summary>Makes a file in a folder and removes it.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void Probe(string folder)
    {
        string probe = Path.Combine(folder, $".fedkim-{Guid.NewGuid():N}");
        using (File.Create(probe, bufferSize: 1, FileOptions.DeleteOnClose))
        {
        }
    }

    private static InvalidConfigurationException Wrong(string problem) => new([problem]);
}
