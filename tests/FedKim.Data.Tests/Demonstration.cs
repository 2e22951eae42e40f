using FedKim.Data.Demo;
using FedKim.Data.Tests;

[assembly: AssemblyFixture(typeof(Demonstration))]

namespace FedKim.Data.Tests;

/// <summary>A demonstration of five hospitals, generated once for all tests.</summary>
public sealed class Demonstration : IDisposable
{
    public const int Hospitals = 5;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-demo-");

    public Demonstration() => DemoData.Generate(Folder, Hospitals, seed: 1);

    public string Folder => _folder.FullName;

    /// <summary>Place, as a folder below the demonstration's, → its data of a task.</summary>
    public IEnumerable<KeyValuePair<string, DataSet?>> Read(string task) => Places().Select(place =>
        KeyValuePair.Create(place, DataSet.Read(DemoData.Sources[task], Path.Combine(Folder, place))));

    public static IEnumerable<string> Places() =>
        [.. Enumerable.Range(0, Hospitals).Select(DemoSites.Name), "server/public", "server/development", "server/test"];

    public void Dispose() => _folder.Delete(recursive: true);
}
