namespace FedKim.Data.Files;

/// <summary>Where a path leads when every link in it is followed, as the system would.</summary>
internal static class RealPath
{
    // As many as Linux follows.
    private const int MostLinks = 40;

    /// <summary>The path without links; what does not exist stands in it as it is written.</summary>
    /// <exception cref="IOException">Links go round in a circle, or cannot be read.</exception>
    public static string Of(string path)
    {
        // Not made absolute in any other way: that would take a folder and the .. after it away, though the folder may be a link.
        string whole = Path.Combine(Directory.GetCurrentDirectory(), path), root = Path.GetPathRoot(whole)!;
        return Of(root, whole[root.Length..]);
    }

    /// <summary>The same of what lies in a folder whose own path has no links.</summary>
    /// <exception cref="IOException">As above.</exception>
    public static string Of(string folder, string name)
    {
        string at = folder;
        var rest = new Stack<string>();
        Push(name);
        for (int links = 0; rest.TryPop(out string? part);)
        {
            if (part == ".")
                continue;
            string next = part == ".." ? Path.GetDirectoryName(at) ?? at : Path.Combine(at, part);
            if (part == ".." || new FileInfo(next).LinkTarget is not { } target)
            {
                at = next;
                continue;
            }

            if (++links > MostLinks)
                throw new IOException($"{next} leads through more than {MostLinks} links.");
            if (Path.IsPathRooted(target))
                (at, target) = (Path.GetPathRoot(target)!, target[Path.GetPathRoot(target)!.Length..]);
            Push(target);
        }

        return at;

        void Push(string parts)
        {
            foreach (string part in parts.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Reverse())
                rest.Push(part);
        }
    }
}
