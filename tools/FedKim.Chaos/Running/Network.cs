using System.Globalization;
using System.Net;
using FedKim.Chaos.Faults;
using FedKim.Chaos.Scenarios;
using FedKim.Configuration;
using FedKim.Launch;

namespace FedKim.Chaos.Running;

/// <summary>
/// A network of this machine's own: a bridge with the injector and the servers, and each hospital in a namespace behind a cable to it; of
/// several servers the first, which coordinates at the start, is behind a cable too. Needs root and iproute2.
/// </summary>
internal sealed class Network : Surroundings
{
    private const int FirstBehindCable = 10;

    private readonly string _mark = (Environment.ProcessId % 46_656).ToString("x", CultureInfo.InvariantCulture);
    private readonly string _subnet = $"10.{201 + (Environment.ProcessId % 40)}.{Environment.ProcessId / 40 % 250}";
    private readonly Dictionary<string, int> _cables = new(StringComparer.Ordinal);

    // A node's command port is on its own loopback, which is another one than this tool's.
    private readonly List<FaultProxy> _commands = [];

    private string Bridge => $"fkbr{_mark}";

    /// <inheritdoc/>
    public override async Task PrepareAsync(RunSetup setup, CancellationToken cancel)
    {
        if (Environment.UserName != "root")
            throw new NotRunnableException("A network of namespaces is made for the nodes, which only root may do.");
        await Tool.RunAsync($"ip link add name {Bridge} type bridge", cancel);
        await Tool.RunAsync($"ip addr add {_subnet}.1/24 dev {Bridge}", cancel);
        await Tool.RunAsync($"ip link set {Bridge} up", cancel);
        bool several = setup.Nodes.Count(n => n.Role == NodeRoles.Server) > 1;
        foreach (var node in setup.Nodes.Where(n => n.Role == NodeRoles.Hospital || (several && n == setup.Nodes[0])))
        {
            int number = _cables[node.Site] = _cables.Count;
            await Tool.RunAsync($"ip netns add {Space(number)}", cancel);
            await Tool.RunAsync($"ip link add {Cable(number)} type veth peer name eth0 netns {Space(number)}", cancel);
            await Tool.RunAsync($"ip link set {Cable(number)} master {Bridge} up", cancel);
            await Tool.RunAsync($"ip -n {Space(number)} addr add {Address(node.Site)}/24 dev eth0", cancel);
            await Tool.RunAsync($"ip -n {Space(number)} link set eth0 up", cancel);
            await Tool.RunAsync($"ip -n {Space(number)} link set lo up", cancel);
        }

        foreach (var node in setup.Nodes)
        {
            string path = setup.Folder.NodeFile(node.Site);
            string text = await File.ReadAllTextAsync(path, cancel);
            foreach (var other in setup.Nodes)
            {
                foreach (int port in (int[])[other.Port, other.WeightsPort])
                    text = text.Replace($"\"127.0.0.1:{port}\"", $"\"{Address(other.Site)}:{port}\"", StringComparison.Ordinal);
            }

            await File.WriteAllTextAsync(path, text.Replace("host = \"127.0.0.1\"", $"host = \"{Address(node.Site)}\"", StringComparison.Ordinal), cancel);
        }
    }

    /// <inheritdoc/>
    public override ClusterNode Process(NodePlan node, RunFolder folder)
    {
        if (!_cables.TryGetValue(node.Site, out int number))
            return base.Process(node, folder);
        var commands = new IPEndPoint(IPAddress.Loopback, node.CommandPort);
        _commands.Add(new FaultProxy(commands, commands, () => NetworkSpace.OpenAsync(Space(number))));
        var launch = folder.Launch(node);
        return new ClusterNode(node, folder, launch with { Words = ["ip", "netns", "exec", Space(number), .. launch.Words] });
    }

    /// <inheritdoc/>
    public override async Task<IAsyncDisposable> DisturbAsync(IStep fault, IReadOnlyList<ClusterNode> nodes, CancellationToken cancel)
    {
        if (fault is not Steps.Cut cut)
            return await base.DisturbAsync(fault, nodes, cancel);
        if (nodes.FirstOrDefault(n => !_cables.ContainsKey(n.Site)) is { } server)
            throw new NotRunnableException($"{server.Site} has no cable of its own here; the hospitals have one, and of several servers the first.");
        var (apply, undo) = (new List<string>(), new List<string>());
        foreach (var node in nodes)
        {
            int number = _cables[node.Site];
            switch (cut.Way)
            {
                case Way.Both:
                    apply.Add($"ip link set {Cable(number)} down");
                    undo.Add($"ip link set {Cable(number)} up");
                    break;
                case Way.Outbound:
                    // Two halves win over the whole network that the cable leads to.
                    foreach (string half in (string[])[$"{_subnet}.0/25", $"{_subnet}.128/25"])
                    {
                        apply.Add($"ip -n {Space(number)} route add blackhole {half}");
                        undo.Add($"ip -n {Space(number)} route del blackhole {half}");
                    }

                    break;
                default:
                    foreach (string space in _cables.Values.Where(n => n != number).Select(n => $"-n {Space(n)} ").Append(""))
                    {
                        apply.Add($"ip {space}route add blackhole {Address(node.Site)}/32");
                        undo.Add($"ip {space}route del blackhole {Address(node.Site)}/32");
                    }

                    break;
            }
        }

        foreach (string command in apply)
            await Tool.RunAsync(command, cancel);
        return new Repair(undo);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_commands.Select(c => c.DisposeAsync().AsTask()));
        foreach (int number in _cables.Values)
        {
            await Tool.UndoAsync($"ip link del {Cable(number)}");
            await Tool.UndoAsync($"ip netns del {Space(number)}");
        }

        await Tool.UndoAsync($"ip link del {Bridge}");
        await base.DisposeAsync();
    }

    private string Space(int number) => $"fedkim-chaos-{_mark}-{number}";

    private string Cable(int number) => $"fk{_mark}x{number}";

    private string Address(string site) => $"{_subnet}.{(_cables.TryGetValue(site, out int number) ? FirstBehindCable + number : 1)}";

    private sealed class Repair(List<string> commands) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (string command in commands)
                await Tool.RunAsync(command);
        }
    }
}
