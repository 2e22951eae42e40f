namespace FedKim.Data.Files;

/// <summary>A file of a site's data: the one place where one is opened, after <see cref="Walls"/> let it pass.</summary>
internal static class SiteFile
{
    /// <summary>Reads it whole.</summary>
    /// <exception cref="DataException">The file is missing or may not be read, or something stands in its place that a download left there.</exception>
    public static byte[] Read(string path) => Meant(path, Try(path, File.ReadAllBytes));

    /// <summary>Reads its first bytes, all where it has no more.</summary>
    /// <exception cref="DataException">The file is missing or may not be read, or something stands in its place that a download left there.</exception>
    public static byte[] Start(string path, int most) => Meant(path, Try(path, name =>
    {
        using var file = File.OpenRead(name);
        byte[] bytes = new byte[Math.Min(most, file.Length)];
        file.ReadExactly(bytes);
        return bytes;
    }));

    /// <summary>The files or folders in a folder, in ordinal order.</summary>
    /// <exception cref="DataException">The folder is missing or may not be looked into.</exception>
    public static string[] List(string folder, Func<string, IEnumerable<string>> list) => Try(folder, path => (string[])[.. list(path).Order(StringComparer.Ordinal)]);

    /// <summary>Opens it to be read from its start on.</summary>
    /// <exception cref="DataException">The file is missing or may not be read, or something stands in its place that a download left there.</exception>
    public static FileStream Open(string path)
    {
        Start(path, StandIn.Length);
        return Try(path, File.OpenRead);
    }

    private static byte[] Meant(string path, byte[] start) => StandIn.Of(start) is { } problem ? throw new DataException(path, problem) : start;

    private static T Try<T>(string path, Func<string, T> read)
    {
        Walls.Check(path);
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataException(path, "this file is missing.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>A file that the data name.</summary>
    /// <param name="folder">Where the name starts from.</param>
    /// <param name="at">Makes the error where the data name the file.</param>
    /// <exception cref="DataException">It is missing, or not below the folder: nothing else at the site is opened.</exception>
    public static string Below(string folder, string name, Func<string, DataException> at)
    {
        string path = Path.Combine(folder, name);
        if (!IsWithin(folder, path))
            throw at($"the file does not lie below {folder}; nothing else is opened.");
        Walls.Check(path);
        return File.Exists(path) ? path : throw at($"the file {path} is missing.");
    }

    /// <summary>A path that a federation's file or a data set names below a folder of this site.</summary>
    /// <exception cref="DataException">It leads out of the folder: the name comes from elsewhere and opens nothing else here.</exception>
    public static string Inside(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        return IsWithin(folder, path) ? path : throw new DataException(path, $"leads out of the data folder {folder}; a task's data lie below it.");
    }

    /// <summary>Whether a path is a folder's own or leads to something below it.</summary>
    public static bool IsWithin(string folder, string path)
    {
        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;
        return (Path.GetFullPath(path) + Path.DirectorySeparatorChar).StartsWith(root, StringComparison.Ordinal);
    }
}
