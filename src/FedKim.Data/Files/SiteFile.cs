namespace FedKim.Data.Files;

/// <summary>A file of a site's data.</summary>
internal static class SiteFile
{
    /// <summary>Reads it whole.</summary>
    /// <exception cref="DataException">The file is missing or may not be read.</exception>
    public static byte[] Read(string path) => Try(path, File.ReadAllBytes);

    /// <summary>Opens it to be read from its start on.</summary>
    /// <exception cref="DataException">The file is missing or may not be read.</exception>
    public static FileStream Open(string path) => Try(path, File.OpenRead);

    private static T Try<T>(string path, Func<string, T> read)
    {
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
}
