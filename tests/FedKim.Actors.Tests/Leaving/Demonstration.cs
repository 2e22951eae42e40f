using FedKim.Data;
using FedKim.Data.Demo;
using FedKim.Testing;

namespace FedKim.Actors.Tests.Leaving;

/// <summary>The demonstration's data, made once: records and stays in the layouts of published sets.</summary>
public sealed class Demonstration : IDisposable
{
    // Many, so that one has little.
    private const int Sites = 12;

    private readonly TemporaryFolder _folder = new();

    public Demonstration() => DemoData.Generate(Data, Sites, seed: 7);

    private string Data => Path.Combine(_folder.Path, "data");

    /// <summary>Writes a site's data of a task into a folder.</summary>
    public TaskSource Write(string folder, string task)
    {
        var source = DemoData.Sources[task];
        string from = Path.Combine(Data, "hospital-a", source.Path);
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(folder, source.Path, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }

        return source;
    }

    public void Dispose() => _folder.Dispose();
}
