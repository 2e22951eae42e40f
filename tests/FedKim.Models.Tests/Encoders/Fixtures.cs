namespace FedKim.Models.Tests.Encoders;

/// <summary>Numerical references, kept beside the repository.</summary>
internal static class Fixtures
{
    /// <summary>Path of a fixture file; skips the test where the references are absent.</summary>
    internal static string Path(params string[] parts)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "FedKim.sln"))) folder = folder.Parent;
        string path = System.IO.Path.Combine([folder?.FullName ?? "", "..", "shared", "fixtures", .. parts]);
        if (!File.Exists(path)) Assert.Skip($"The numerical reference {System.IO.Path.Combine(parts)} is not beside the repository.");
        return path;
    }
}
