using System.Globalization;
using FedKim.Chaos.Scenarios;
using FedKim.Launch;

namespace FedKim.Chaos.Running;

/// <summary>Nodes whose wall clocks can be moved, by the library libfaketime; time that is only measured goes on as ever.</summary>
internal sealed class MovableClocks : Surroundings
{
    private static readonly string[] Libraries = ["/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1", "/usr/lib64/faketime/libfaketimeMT.so.1"];

    /// <inheritdoc/>
    public override Task PrepareAsync(RunSetup setup, CancellationToken cancel)
    {
        if (!Libraries.Any(File.Exists))
            throw new NotRunnableException("libfaketime is not installed. Install the package faketime.");
        foreach (var node in setup.Nodes)
            File.WriteAllText(Clock(setup.Folder, node.Site), "+0\n");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override ClusterNode Process(NodePlan node, RunFolder folder) => new(node, folder, folder.Launch(node) with
    {
        Environment = FedKimProgram.Surroundings.SetItems(new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = Libraries.First(File.Exists),
            ["FAKETIME_TIMESTAMP_FILE"] = Clock(folder, node.Site),
            // Read anew once a second; at every look at the clock it would be all that a node does.
            ["FAKETIME_CACHE_DURATION"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
            // A cure for an older C library, under which .NET's waits would end at once.
            ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0",
        }),
    });

    /// <inheritdoc/>
    public override async Task<IAsyncDisposable> DisturbAsync(IStep fault, IReadOnlyList<ClusterNode> nodes, CancellationToken cancel)
    {
        if (fault is not Steps.MoveClock move)
            return await base.DisturbAsync(fault, nodes, cancel);
        string offset = move.By.TotalSeconds.ToString("+0;-0", CultureInfo.InvariantCulture);
        foreach (var node in nodes)
            await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(node.Work)!, $"{node.Site}.clock"), $"{offset}\n", cancel);
        return new Moved();
    }

    private static string Clock(RunFolder folder, string site) => Path.Combine(folder.Path, $"{site}.clock");

    // A clock that was set stays so.
    private sealed class Moved : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
