using FedKim.Rounds;

namespace FedKim.Chaos.Faults;

/// <summary>
/// What a power cut may take from a node's disk: what nobody told the disk to keep. Each file keeps what it has, or its end is missing, or its second
/// half is zeros, or it is not there; which of these depends on its name alone.
/// </summary>
internal static class PowerCut
{
    private const string Store = "weights", Key = "key";

    // Folders of a work folder that are not synced, whatever they hold; models only where each can be had again from a server.
    private static readonly string[] Folders = ["spool", "rounds", "injection", "sites"];
    private static readonly string[] Files = ["log/audit.head"];

    // Synced before anything that follows from them is done.
    private const string Checkpoint = "checkpoint";

    private enum Loss
    {
        Nothing,
        All,
        End,
        Zeros,
    }

    /// <summary>Takes it.</summary>
    /// <param name="work">The node's work folder; the node does not run.</param>
    /// <param name="isServer">Whether the node's models are its own, and synced.</param>
    /// <param name="keepsKeys">Whether the spool's keys are left: without its key nothing in a spool is read, damaged or not.</param>
    /// <returns>How many files were struck.</returns>
    public static int Take(string work, bool isServer, bool keepsKeys)
    {
        string[] unsynced =
        [
            .. (isServer ? Folders : [.. Folders, Store]).Select(f => Path.Combine(work, f)).Where(Directory.Exists)
                .SelectMany(f => Directory.EnumerateFiles(f, "*", SearchOption.AllDirectories)).Concat(Files.Select(f => Path.Combine(work, f)).Where(File.Exists))
                .Where(f => !Path.GetFileName(f).StartsWith(Checkpoint, StringComparison.Ordinal) && !(keepsKeys && Path.GetFileName(f) == Key)),
        ];
        return unsynced.Count(f => Strike(f, (Loss)SeededGenerator.Derive(1, Path.GetRelativePath(work, f)).NextInt(Enum.GetValues<Loss>().Length)));
    }

    private static bool Strike(string path, Loss loss)
    {
        if (loss == Loss.Nothing)
            return false;
        if (loss == Loss.All)
        {
            File.Delete(path);
            return true;
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        long length = RandomAccess.GetLength(file);
        if (loss == Loss.End)
            RandomAccess.SetLength(file, length / 2);
        else
            RandomAccess.Write(file, new byte[length - (length / 2)], length / 2);
        return true;
    }
}
