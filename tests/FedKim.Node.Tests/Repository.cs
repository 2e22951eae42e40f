namespace FedKim.Node.Tests;

/// <summary>Finds the files of the repository from a test's output folder.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static IEnumerable<TheoryDataRow<string>> Files(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.conf").Order(StringComparer.Ordinal)
            .Select(path => new TheoryDataRow<string>(Path.GetRelativePath(Root, path)));

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "FedKim.sln")) ? folder : Find(Path.GetDirectoryName(folder)!);
}
