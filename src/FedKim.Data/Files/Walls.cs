namespace FedKim.Data.Files;

/// <summary>
/// The folder that data are read from now. Links in it are followed only to what lies in it as well: whoever may put a file there does not get
/// the node to read another one for them. The folder itself may be a link, as whoever named it meant what it leads to.
/// </summary>
internal sealed class Walls : IDisposable
{
    private static readonly AsyncLocal<Walls?> Now = new();

    private readonly Walls? _before = Now.Value;
    private readonly string _named, _real;
    private readonly Dictionary<string, string> _folders = new(StringComparer.Ordinal);

    private Walls(string folder) => (_named, _real) = (folder, RealPath.Of(folder));

    /// <summary>From now on, until it is disposed, nothing outside of this folder is opened.</summary>
    public static IDisposable Around(string folder) => Now.Value = new Walls(folder);

    /// <summary>Lets a path pass that leads to something within.</summary>
    /// <exception cref="DataException">A link leads out.</exception>
    public static void Check(string path)
    {
        if (Now.Value is not { } walls)
            return;
        try
        {
            if (SiteFile.IsWithin(walls._real, walls.Follow(path)))
                return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, "its links go round in a circle, or cannot be read.", e);
        }

        throw new DataException(path, $"is or lies behind a link that leads out of the data folder {walls._named}; links are followed within it alone. Put the file itself there.");
    }

    /// <inheritdoc/>
    public void Dispose() => Now.Value = _before;

    // Thousands of files lie in one folder.
    private string Follow(string path)
    {
        string folder = Path.GetDirectoryName(path) ?? path;
        if (!_folders.TryGetValue(folder, out string? real))
            _folders.Add(folder, real = RealPath.Of(folder));
        return RealPath.Of(real, Path.GetFileName(path));
    }
}
