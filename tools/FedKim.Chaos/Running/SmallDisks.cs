using FedKim.Chaos.Scenarios;
using FedKim.Configuration;
using FedKim.Launch;

namespace FedKim.Chaos.Running;

/// <summary>Every node's work folder, and the servers' journal, on a disk of its own with little room, in memory. Needs root.</summary>
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
            await MountAsync(Path.Combine(setup.Folder.Path, node.Site), cancel);
            Directory.CreateDirectory(Path.GetDirectoryName(setup.Folder.Output(node.Site))!);
        }

        string journal = JournalFile(setup.Folder);
        await MountAsync(Path.GetDirectoryName(journal)!, cancel);
        foreach (var server in setup.Nodes.Where(n => n.Role == NodeRoles.Server))
            await File.AppendAllLinesAsync(setup.Folder.NodeFile(server.Site), [$"fedkim.journal.file = \"{Steps.FillDisk.Journal}/{RunFolder.Journal}\""], cancel);
    }

    /// <inheritdoc/>
    public override string JournalFile(RunFolder folder) => Path.Combine(folder.Path, Steps.FillDisk.Journal, RunFolder.Journal);

    /// <inheritdoc/>
    public override Task<IAsyncDisposable> DisturbAsync(IStep fault, IReadOnlyList<ClusterNode> nodes, CancellationToken cancel)
    {
        if (fault is not Steps.FillDisk fill)
            return base.DisturbAsync(fault, nodes, cancel);
        string[] disks = fill.Disk == Steps.FillDisk.Journal ? [_mounted.Single(d => Path.GetFileName(d) == Steps.FillDisk.Journal)] : [.. nodes.Select(n => n.Work)];
        var ballast = new Weight([.. disks.Select(d => Path.Combine(d, Ballast))]);
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

    private async Task MountAsync(string folder, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        await Tool.RunAsync($"mount -t tmpfs -o size={Mebibytes}m fedkim-chaos {folder}", cancel);
        _mounted.Add(folder);
    }

    private sealed class Weight(string[] files) : IAsyncDisposable
    {
        public void Fill()
        {
            byte[] block = new byte[4096];
            foreach (string path in files)
            {
                using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
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
