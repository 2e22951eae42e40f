using FedKim.Chaos.Scenarios;
using FedKim.Launch;

namespace FedKim.Chaos.Running;

/// <summary>What lies around a cluster's nodes and can be disturbed; by itself nothing. Disposing it takes everything away again.</summary>
internal class Surroundings : IAsyncDisposable
{
    /// <summary>The surroundings of a place: one of <see cref="Setting.Places"/>.</summary>
    public static Surroundings Of(string place) => place switch
    {
        Setting.Proxies => new Proxies(),
        Setting.Network => new Network(),
        Setting.SmallDisks => new SmallDisks(),
        Setting.Clocks => new MovableClocks(),
        _ => new Surroundings(),
    };

    /// <summary>Called when the nodes' files are written and before the first node starts.</summary>
    /// <exception cref="NotRunnableException">This machine cannot give what is asked for.</exception>
    public virtual Task PrepareAsync(RunSetup setup, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>Where the servers' journal lies, if it is a file.</summary>
    public virtual string JournalFile(RunFolder folder) => Path.Combine(folder.Path, RunFolder.Journal);

    /// <summary>A node's process, not started.</summary>
    public virtual ClusterNode Process(NodePlan node, RunFolder folder) => new(node, folder, folder.Launch(node));

    /// <summary>Disturbs the nodes until the result is disposed.</summary>
    /// <exception cref="NotRunnableException">Such a fault needs other surroundings.</exception>
    public virtual Task<IAsyncDisposable> DisturbAsync(IStep fault, IReadOnlyList<ClusterNode> nodes, CancellationToken cancel) =>
        throw new NotRunnableException($"\"{fault}\" needs nodes in other surroundings; see `given nodes` in tools/FedKim.Chaos/README.md.");

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
