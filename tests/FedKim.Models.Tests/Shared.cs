namespace FedKim.Models.Tests;

/// <summary>Data and references that live beside the repository; a test that needs what is absent is skipped and says so.</summary>
internal static class Shared
{
    public static string Folder(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "FedKim.sln")))
                continue;
            string path = Path.Combine(folder.Parent!.FullName, "shared", name);
            if (Directory.Exists(path))
                return path;
        }

        Assert.Skip($"../shared/{name} is absent.");
        return "";
    }
}
