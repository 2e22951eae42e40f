namespace FedKim.Models.Tests;

/// <summary>Data and references that live beside the repository; a test that needs what is absent is skipped and says so.</summary>
internal static class Shared
{
    /// <summary>The repository's folder.</summary>
    public static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "FedKim.sln")))
                folder = folder.Parent ?? throw new DirectoryNotFoundException($"{AppContext.BaseDirectory} is in no clone of FedKim.");
            return folder.FullName;
        }
    }

    public static string Folder(string name)
    {
        string path = Path.Combine(Path.GetDirectoryName(Repository)!, "shared", name);
        if (Directory.Exists(path))
            return path;
        Assert.Skip($"../shared/{name} is absent.");
        return "";
    }
}
