using System.Xml.Linq;

namespace FedKim.Architecture.Tests;

/// <summary>A project as its file tells it.</summary>
internal sealed record Project(string Name, string Path, string[] Projects, string[] Packages, string[] Frameworks)
{
    public static string Root { get; } = FindRoot();

    /// <summary>The projects under these top-level folders, by name.</summary>
    public static Project[] Under(params string[] folders) =>
        [.. folders.SelectMany(f => Directory.GetFiles(System.IO.Path.Combine(Root, f), "*.csproj", SearchOption.AllDirectories)).Select(Read)
            .OrderBy(p => p.Name, StringComparer.Ordinal)];

    /// <summary>The source files of a top-level folder or a project's folder, generated ones left out.</summary>
    public static IEnumerable<string> Sources(string folder) =>
        Directory.GetFiles(System.IO.Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Split(System.IO.Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .Order(StringComparer.Ordinal);

    public static string Relative(string path) => System.IO.Path.GetRelativePath(Root, path);

    private static Project Read(string path)
    {
        var items = XDocument.Load(path).Descendants().ToLookup(e => e.Name.LocalName, e => (string?)e.Attribute("Include") ?? "");
        return new Project(
            System.IO.Path.GetFileNameWithoutExtension(path),
            path,
            [.. items["ProjectReference"].Select(i => System.IO.Path.GetFileNameWithoutExtension(i.Replace('\\', '/')))],
            [.. items["PackageReference"]],
            [.. items["FrameworkReference"]]);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "FedKim.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"No FedKim.sln above {AppContext.BaseDirectory}.");
    }
}
