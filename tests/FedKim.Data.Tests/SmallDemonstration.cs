using FedKim.Data.Demo;

namespace FedKim.Data.Tests;

/// <summary>A small demonstration of three hospitals in a folder of its own, for a test to damage.</summary>
internal sealed class SmallDemonstration : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-small-demo-");

    public SmallDemonstration(long seed = 3, int hospitals = 3)
    {
        Folder = Path.Combine(_folder.FullName, "data");
        Generate(seed, hospitals);
    }

    public string Folder { get; }

    public string Site => Path.Combine(Folder, "hospital-a");

    public void Generate(long seed, int hospitals = 3) => DemoData.Generate(Folder, hospitals, seed, new DemoSize(60, 40, 40));

    /// <summary>The first site's data of a task.</summary>
    public DataSet? Read(string task) => DataSet.Read(DemoData.Sources[task], Site);

    /// <summary>A file of the first site: the first, in order of the names, below <paramref name="folder"/> with this ending.</summary>
    public string File(string folder, string ending) => Directory.GetFiles(Path.Combine(Site, folder), "*" + ending, SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).First();

    /// <summary>Every file by its name below the folder, with its bytes in hexadecimal digits.</summary>
    public SortedDictionary<string, string> Content() => new(Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).ToDictionary(
        file => Path.GetRelativePath(Folder, file), file => Convert.ToHexString(System.IO.File.ReadAllBytes(file))), StringComparer.Ordinal);

    public void Dispose() => _folder.Delete(recursive: true);
}
