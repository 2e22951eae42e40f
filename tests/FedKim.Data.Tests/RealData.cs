namespace FedKim.Data.Tests;

/// <summary>Excerpts of public data sets, kept beside the repository.</summary>
internal static class RealData
{
    /// <summary>A folder of the excerpts; skips the test where it is absent.</summary>
    public static string Folder(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "FedKim.sln")))
            folder = folder.Parent;
        string path = folder is null ? name : Path.Combine(folder.FullName, "..", "shared", "data", name);
        if (!Directory.Exists(path))
            Assert.Skip($"The excerpt {name} is not there: expected it at ../shared/data/{name}.");
        return path;
    }
}
