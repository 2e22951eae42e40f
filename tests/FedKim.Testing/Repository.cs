namespace FedKim.Testing;

/// <summary>Finds the files of the repository from a test's output folder.</summary>
public static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>The configuration files of a folder, from the root.</summary>
    public static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.conf").Order(StringComparer.Ordinal)
            .Select(path => Path.GetRelativePath(Root, path));

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "FedKim.sln")) ? folder : Find(Path.GetDirectoryName(folder)!);
}
