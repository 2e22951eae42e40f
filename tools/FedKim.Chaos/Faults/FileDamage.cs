using System.Collections.Immutable;

namespace FedKim.Chaos.Faults;

/// <summary>Damages what nodes keep on their disks: flips a byte of a file, as a bad disk would, or removes a folder, as a person would.</summary>
internal static class FileDamage
{
    private const string Store = "weights";
    private const string Checkpoint = "checkpoint*.safetensors";

    /// <summary>Files of the weight store whose names the journal tells.</summary>
    public static ImmutableArray<string> Named { get; } = ["start model", "aggregate", "moments", "adapter"];

    /// <summary>Files that are found by their place: a folder of the work folder and a pattern of names. 64 digits are a digest.</summary>
    private static readonly ImmutableArray<(string Kind, string Folder, string Pattern)> Placed =
    [
        ("global model", Store, new string('?', 64)),
        ("spooled update", "spool", new string('?', 64)),
        ("outbox", "rounds", "update.safetensors"),
        ("checkpoint", "rounds", Checkpoint),
        ("injection checkpoint", "injection", Checkpoint),
        ("injection result", "injection", "*.safetensors"),
        ("partial transfer", "", "*.part"),
    ];

    /// <summary>All that can be damaged.</summary>
    public static IEnumerable<string> Files => Placed.Select(p => p.Kind).Concat(Named);

    /// <summary>Folders that can be removed, by their names in a node's work folder.</summary>
    public static ImmutableArray<string> Folders { get; } = [Store, "spool", "rounds", "injection", "scratch"];

    /// <summary>Flips a byte in the middle of the newest file of this kind in a node's work folder.</summary>
    /// <param name="work">The node's work folder.</param>
    /// <param name="kind">One of <see cref="Files"/>.</param>
    /// <param name="digest">The file's name where the journal tells it; null where it tells none.</param>
    /// <returns>The file; null when there is none.</returns>
    public static string? Flip(string work, string kind, string? digest)
    {
        var newest = Named.Contains(kind)
            ? digest is null ? null : Find(work, Store, digest)
            : Placed.Where(p => p.Kind == kind).Select(p => Find(work, p.Folder, p.Pattern)).Single();
        if (newest is null)
            return null;
        try
        {
            using var file = new FileStream(newest.FullName, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            file.Position = file.Length / 2;
            int value = file.ReadByte();
            file.Position = file.Length / 2;
            file.WriteByte((byte)(value ^ 0x40));
            return newest.FullName;
        }
        catch (IOException)
        {
            // Its node holds it, or removed it meanwhile: at the next look it is there, or another one.
            return null;
        }
    }

    /// <summary>Removes a folder of a node's work folder; false when there is none.</summary>
    public static bool Remove(string work, string folder)
    {
        string path = Path.Combine(work, folder);
        if (!Directory.Exists(path))
            return false;
        try
        {
            Directory.Delete(path, recursive: true);
            return true;
        }
        catch (IOException)
        {
            // Its owner wrote into it meanwhile.
            return Remove(work, folder);
        }
    }

    private static FileInfo? Find(string work, string folder, string pattern)
    {
        string path = Path.Combine(work, folder);
        try
        {
            return Directory.Exists(path)
                ? new DirectoryInfo(path).EnumerateFiles(pattern, SearchOption.AllDirectories).Where(f => f.Length > 0).MaxBy(f => f.LastWriteTimeUtc)
                : null;
        }
        catch (IOException)
        {
            // A node removed something meanwhile: what is left is seen at the next look.
            return null;
        }
    }
}
