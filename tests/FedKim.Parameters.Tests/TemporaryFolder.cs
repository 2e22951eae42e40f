namespace FedKim.Parameters.Tests;

/// <summary>A folder of one test alone, gone with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-parameters-");

    internal string this[string name] => Path.Combine(_folder.FullName, name);

    internal IEnumerable<string> Names => _folder.EnumerateFileSystemInfos().Select(f => f.Name).Order(StringComparer.Ordinal);

    public void Dispose() => _folder.Delete(recursive: true);
}
