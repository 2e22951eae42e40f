namespace FedKim.Chaos.Faults;

/// <summary>
/// What a power cut may take from a node's disk: what nobody told the disk to keep. Of one file the end is missing, of the next the bytes are
/// zeros, and the one after it is not there; so each of them comes back in each way, in an order that depends on nothing but their names.
/// </summary>
internal static class PowerCut
{
    private const string Store = "weights";

    // Folders of a work folder that are not synced, whatever they hold; models only where each can be had again from a server.
    private static readonly string[] Folders = ["spool", "rounds", "injection"];

    // Synced before anything that follows from them is done.
    private static readonly string[] Kept = ["checkpoint.", "checkpoint-"];

    /// <summary>Takes it.</summary>
    /// <param name="work">The node's work folder; the node does not run.</param>
    /// <param name="isServer">Whether the node's models are its own, and synced.</param>
    /// <returns>The files that were struck.</returns>
    public static IReadOnlyList<string> Take(string work, bool isServer)
    {
        string[] struck =
        [
            .. (isServer ? Folders : [.. Folders, Store]).Select(f => Path.Combine(work, f)).Where(Directory.Exists)
                .SelectMany(f => Directory.EnumerateFiles(f, "*", SearchOption.AllDirectories))
                .Where(f => !Kept.Any(k => Path.GetFileName(f).StartsWith(k, StringComparison.Ordinal))).Order(StringComparer.Ordinal),
        ];
        for (int i = 0; i < struck.Length; i++)
            Strike(struck[i], i % 3);
        return struck;
    }

    private static void Strike(string path, int way)
    {
        if (way == 0)
        {
            File.Delete(path);
            return;
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        long length = RandomAccess.GetLength(file);
        if (way == 1)
            RandomAccess.SetLength(file, length / 2);
        else
            RandomAccess.Write(file, new byte[length - (length / 2)], length / 2);
    }
}
