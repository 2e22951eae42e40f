using System.Collections.Immutable;
using System.Net;
using FedKim.Chaos.Faults;
using FedKim.Chaos.Scenarios;
using FedKim.Node.Configuration;
using FedKim.Node.Hosting;
using FedKim.Node.Up;

namespace FedKim.Chaos.Running;

/// <summary>A proxy before every port that nodes reach each other by; a fault of a node's links is one of the proxies before its own ports.</summary>
internal sealed class Proxies : Surroundings
{
    private readonly Dictionary<string, List<FaultProxy>> _proxies = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override Task PrepareAsync(RunSetup setup, CancellationToken cancel)
    {
        int[] taken = [.. setup.Nodes.SelectMany(n => (int[])[n.Port, n.WeightsPort])];
        var free = new Queue<int>(Ports.Free((taken.Length * 2) + 2).Except(taken));
        foreach (var node in setup.Nodes)
        {
            var proxies = _proxies[node.Site] = [];
            var settings = new List<string> { $"fedkim.cluster.bind-port = {Forward(proxies, node.Port, free)}" };
            if (node.Role == NodeRoles.Server)
                settings.Add($"fedkim.weights.bind-port = {Forward(proxies, node.WeightsPort, free)}");
            File.AppendAllLines(setup.Folder.NodeFile(node.Site), settings);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task<IAsyncDisposable> DisturbAsync(IStep fault, IReadOnlyList<NodeProcess> nodes, CancellationToken cancel)
    {
        var link = fault switch
        {
            Steps.Delay f => new LinkFault { Delay = f.By },
            Steps.Slow f => new LinkFault { BytesPerSecond = f.KibibytesPerSecond * 1024L },
            Steps.Reset f => new LinkFault { ResetAfter = f.Kibibytes * 1024L },
            Steps.LoseAnswers => new LinkFault { LosesAnswers = true },
            _ => null,
        };
        if (link is null)
            return base.DisturbAsync(fault, nodes, cancel);
        ImmutableArray<FaultProxy> struck = [.. nodes.SelectMany(n => _proxies[n.Site])];
        foreach (var proxy in struck)
            proxy.Fault = link;
        return Task.FromResult<IAsyncDisposable>(new Disturbance(struck));
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_proxies.Values.SelectMany(p => p).Select(p => p.DisposeAsync().AsTask()));
        await base.DisposeAsync();
    }

    private static int Forward(List<FaultProxy> proxies, int port, Queue<int> free)
    {
        int behind = free.Dequeue();
        proxies.Add(new FaultProxy(new IPEndPoint(IPAddress.Loopback, port), new IPEndPoint(IPAddress.Loopback, behind)));
        return behind;
    }

    private sealed class Disturbance(ImmutableArray<FaultProxy> proxies) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            foreach (var proxy in proxies)
                proxy.Fault = LinkFault.None;
            return ValueTask.CompletedTask;
        }
    }
}
