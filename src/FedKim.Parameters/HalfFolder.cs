namespace FedKim.Parameters;

/// <summary>
/// A folder that a person asked for while it is filled, which then appears under its name whole, or not at all. It is filled beside its
/// place, under a name that is nobody's: what is there already stays.
/// </summary>
public sealed class HalfFolder : IDisposable
{
    private readonly string _whole;

    private HalfFolder(string whole, string path) => (_whole, Path) = (whole, path);

    /// <summary>Where it is filled.</summary>
    public string Path { get; }

    /// <summary>Begins a folder.</summary>
    /// <param name="folder">What it will be called; nothing may be there then, or an empty folder.</param>
    /// <exception cref="IOException">No folder can be made beside it.</exception>
    /// <exception cref="UnauthorizedAccessException">None may be made there.</exception>
    public static HalfFolder Begin(string folder)
    {
        string whole = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(folder));
        return new HalfFolder(whole, Directory.CreateDirectory(DurableFile.Beside(whole)).FullName);
    }

    /// <summary>Gives it its name.</summary>
    /// <exception cref="IOException">Something is there by now, or the disk fails.</exception>
    public void Complete()
    {
        if (Directory.Exists(_whole))
            Directory.Delete(_whole);
        Directory.Move(Path, _whole);
        DurableFile.SyncFolder(System.IO.Path.GetDirectoryName(_whole)!);
    }

    /// <summary>Removes it unless it is complete.</summary>
    public void Dispose()
    {
        try
        {
            if (Directory.Exists(Path))
                Directory.Delete(Path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What went wrong before says more; this name is in nobody's way.
        }
    }
}
