using System.IO.Compression;

namespace FedKim.Data.Files;

/// <summary>A NumPy archive: a ZIP of .npy files, one an array (numpy.savez). Arrays are read from their start to their end, not whole.</summary>
internal sealed class NpzFile : IDisposable
{
    private readonly string _path;
    private readonly ZipArchive _zip;

    private NpzFile(string path, ZipArchive zip) => (_path, _zip) = (path, zip);

    /// <exception cref="DataException">The file is missing, or truncated, or no ZIP, or a download left something else in its place.</exception>
    public static NpzFile Open(string path)
    {
        var file = SiteFile.Open(path);
        try
        {
            return new NpzFile(path, new ZipArchive(file));
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            file.Dispose();
            throw new DataException(path, "is truncated or no .npz archive; restore it from its source.", e);
        }
    }

    /// <summary>An array by its name, at its start.</summary>
    /// <exception cref="DataException">There is no such array, or its header cannot be used.</exception>
    public NpyArray Array(string name) => _zip.GetEntry(name + ".npy") is { } entry
        ? NpyArray.Open(_path, entry)
        : throw new DataException(_path, $"has no array '{name}'; its arrays are {string.Join(", ", _zip.Entries.Select(e => Path.ChangeExtension(e.FullName, null)))}.");

    public void Dispose() => _zip.Dispose();
}
