namespace FedKim.Chaos.Faults;

/// <summary>Damages files as a bad disk would.</summary>
internal static class FileDamage
{
    /// <summary>Flips a byte in the middle of the newest file of this kind in a node's work folder.</summary>
    /// <param name="work">The node's work folder.</param>
    /// <param name="kind"><c>global model</c>, <c>outbox</c> or <c>partial transfer</c>.</param>
    /// <returns>The file; null when there is none.</returns>
    public static string? Flip(string work, string kind)
    {
        var (folder, pattern) = kind switch
        {
            "outbox" => ("rounds", "*.safetensors"),
            "partial transfer" => ("weights", "*.part"),
            _ => ("weights", new string('?', 64)),
        };
        string path = Path.Combine(work, folder);
        if (!Directory.Exists(path))
            return null;
        var newest = new DirectoryInfo(path).EnumerateFiles(pattern, SearchOption.AllDirectories).Where(f => f.Length > 0).MaxBy(f => f.LastWriteTimeUtc);
        if (newest is null)
            return null;
        using var file = new FileStream(newest.FullName, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        file.Position = file.Length / 2;
        int value = file.ReadByte();
        file.Position = file.Length / 2;
        file.WriteByte((byte)(value ^ 0x40));
        return newest.FullName;
    }
}
