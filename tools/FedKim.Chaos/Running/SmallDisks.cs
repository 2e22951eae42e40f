using FedKim.Chaos.Scenarios;
using FedKim.Node.Up;

namespace FedKim.Chaos.Running;

/// <summary>Every node's work folder on a disk of its own with little room, in memory. Needs root.</summary>
internal sealed class SmallDisks : Surroundings
{
    private const int Mebibytes = 48;
    private const string Ballast = "ballast";

    private readonly List<string> _mounted = [];

    /// <inheritdoc/>
    public override async Task PrepareAsync(RunSetup setup, CancellationToken cancel)
    {
        if (Environment.UserName != "root")
            throw new NotRunnableException("A small disk is mounted for each node, which only root may do.");
        foreach (var node in setup.Nodes)
        {
            string folder = Path.Combine(setup.Folder.Path, node.Site);
            await Tool.RunAsync($"mount -t tmpfs -o size={Mebibytes}m fedkim-chaos {folder}", cancel);
            _mounted.Add(folder);
            Directory.CreateDirectory(Path.GetDirectoryName(setup.Folder.Output(node.Site))!);
        }
    }

    /// <inheritdoc/>
    public override Task<IAsyncDisposable> DisturbAsync(IStep fault, IReadOnlyList<NodeProcess> nodes, CancellationToken cancel)
    {
        if (fault is not Steps.FillDisk)
            return base.DisturbAsync(fault, nodes, cancel);
        var ballast = new Weight([.. nodes.Select(n => Path.Combine(n.Work, Ballast))]);
        ballast.Fill();
        return Task.FromResult<IAsyncDisposable>(ballast);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        foreach (string folder in _mounted)
            await Tool.UndoAsync($"umount {folder}");
        await base.DisposeAsync();
    }

    private sealed class Weight(string[] files) : IAsyncDisposable
    {
        public void Fill()
        {
            byte[] block = new byte[4096];
            foreach (string path in files)
            {
                using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
                try
                {
                    while (true)
                        file.Write(block);
                }
                catch (IOException)
                {
                    // Full: that is what was wanted.
                }
            }
        }

        public ValueTask DisposeAsync()
        {
            Array.ForEach(files, File.Delete);
            return ValueTask.CompletedTask;
        }
    }
}
