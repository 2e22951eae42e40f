using FedKim.Launch.Supervision;

namespace FedKim.Chaos.Running;

/// <summary>Nodes that stand still until this is disposed.</summary>
internal sealed class Frozen(IReadOnlyList<ClusterNode> nodes) : IAsyncDisposable
{
    public static Frozen Now(IReadOnlyList<ClusterNode> nodes)
    {
        foreach (var node in nodes)
            node.Send(Signal.Stop);
        return new Frozen(nodes);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            node.Send(Signal.Continue);
        return ValueTask.CompletedTask;
    }
}
