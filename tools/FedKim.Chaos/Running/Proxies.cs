using System.Collections.Immutable;
using System.Net;
using FedKim.Chaos.Faults;
using FedKim.Chaos.Scenarios;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Machine;

namespace FedKim.Chaos.Running;

/// <summary>A proxy before every port that nodes reach each other by; a fault of a node's links is one of the proxies before its own ports.</summary>
internal sealed class Proxies : Surroundings
{
    private readonly Dictionary<string, List<FaultProxy>> _proxies = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override Task PrepareAsync(RunSetup setup, CancellationToken cancel)
    {
        int[] taken = [.. setup.Nodes.SelectMany(n => (int[])[n.Port, n.WeightsPort])];
        int[] doors = [.. setup.Nodes.Where(n => n.Role == NodeRoles.Server).Select(n => n.WeightsPort)];
        var free = new Queue<int>(Ports.Free((taken.Length * 2) + (setup.Nodes.Length * doors.Length) + 2).Except(taken));
        foreach (var node in setup.Nodes)
        {
            var proxies = _proxies[node.Site] = [];
            var settings = new List<string> { $"fedkim.cluster.bind-port = {Forward(proxies, node.Port, free)}" };
            if (node.Role == NodeRoles.Server)
                settings.Add($"fedkim.weights.bind-port = {Forward(proxies, node.WeightsPort, free)}");
            // An outbound link leads over its own hospital's line.
            if (node.Role == NodeRoles.Hospital)
                settings.Add($"fedkim.cluster.doors = [{string.Join(", ", doors.Select(door => $"\"127.0.0.1:{Lead(proxies, door, free)}\""))}]");
            File.AppendAllLines(setup.Folder.NodeFile(node.Site), settings);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task<IAsyncDisposable> DisturbAsync(IStep fault, IReadOnlyList<ClusterNode> nodes, CancellationToken cancel)
    {
        // Of two faults at a time each is undone by itself.
        (var begin, var end) = fault switch
        {
            Steps.Delay f => ((Func<LinkFault, LinkFault>)(l => l with { Delay = f.By }), (Func<LinkFault, LinkFault>)(l => l with { Delay = TimeSpan.Zero })),
            Steps.Slow f => (l => l with { BytesPerSecond = f.KibibytesPerSecond * 1024L }, l => l with { BytesPerSecond = 0 }),
            Steps.Reset f => (l => l with { ResetAfter = f.Kibibytes * 1024L }, l => l with { ResetAfter = 0 }),
            Steps.LoseAnswers => (l => l with { LosesAnswers = true }, l => l with { LosesAnswers = false }),
            _ => (null, null),
        };
        if (begin is null)
            return base.DisturbAsync(fault, nodes, cancel);
        ImmutableArray<FaultProxy> struck = [.. nodes.SelectMany(n => _proxies[n.Site])];
        foreach (var proxy in struck)
            proxy.Fault = begin(proxy.Fault);
        return Task.FromResult<IAsyncDisposable>(new Disturbance(struck, end!));
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

    private static int Lead(List<FaultProxy> proxies, int port, Queue<int> free)
    {
        int before = free.Dequeue();
        proxies.Add(new FaultProxy(new IPEndPoint(IPAddress.Loopback, before), new IPEndPoint(IPAddress.Loopback, port)));
        return before;
    }

    private sealed class Disturbance(ImmutableArray<FaultProxy> proxies, Func<LinkFault, LinkFault> end) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            foreach (var proxy in proxies)
                proxy.Fault = end(proxy.Fault);
            return ValueTask.CompletedTask;
        }
    }
}
