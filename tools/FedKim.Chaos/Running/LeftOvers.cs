namespace FedKim.Chaos.Running;

/// <summary>What must not be there any more when a federation has ended.</summary>
internal static class LeftOvers
{
    private static readonly string[] Unfinished = [".part", ".gone", ".tmp"];

    /// <summary>Unfinished files in the nodes' work folders, outboxes of hospitals, and updates at servers, which no round needs any more.</summary>
    public static IReadOnlyList<string> Files(IEnumerable<ClusterNode> nodes)
    {
        var found = new List<string>();
        foreach (var node in nodes)
        {
            string outbox = Path.Combine(node.Work, "rounds");
            string scratch = Path.Combine(node.Work, "scratch");
            string spool = Path.Combine(node.Work, "spool");
            foreach (string path in Entries(node.Work))
            {
                if (Unfinished.Contains(Path.GetExtension(path)) || Below(path, outbox) || Below(path, scratch) || Below(path, spool))
                    found.Add($"{node.Site}/{Path.GetRelativePath(node.Work, path)}");
            }
        }

        return found;
    }

    private static string[] Entries(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories) : [];
        }
        catch (DirectoryNotFoundException)
        {
            // A node removed a folder meanwhile: what is left is seen at the next look.
            return Entries(folder);
        }
    }

    private static bool Below(string path, string folder) => path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
