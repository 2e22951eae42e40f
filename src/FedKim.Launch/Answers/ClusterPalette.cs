using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using FedKim.Commands;
using FedKim.Commands.Answers;
using FedKim.Commands.Handlers;
using FedKim.Commands.Palettes;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>cluster</c>.</summary>
public sealed class ClusterPalette : INodePalette
{
    /// <summary>A member of the cluster.</summary>
    public static readonly CommandSwitch Address = new("address", "a", "The node's address, host:port, as 'cluster show' tells it.", Required: true);

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private static readonly Palette<IAnsweringNode> Own = new("cluster", "The nodes of the cluster as this node sees them.");

    /// <summary><c>cluster show</c>.</summary>
    public static readonly Command<IAnsweringNode> Show = Own.Rows("show", "Lists the nodes with their roles and status.", [], (node, _, _) =>
        Task.FromResult<IReadOnlyList<CommandRow>>([.. node.Members().Select(Row)]));

    /// <summary><c>cluster leader</c>.</summary>
    public static readonly Command<IAnsweringNode> Leader = Own.Item("leader", "Shows the node that leads the cluster.", [], (node, _, _) =>
        Task.FromResult(Row(node.Members().FirstOrDefault(member => member.Leader)
            ?? throw new CommandException(CommandFault.Failed, "No node leads the cluster that this one sees. 'cluster show' tells who is there."))));

    /// <summary><c>cluster tail</c>.</summary>
    public static readonly Command<IAnsweringNode> Tail = Own.Stream(
        "tail", "Lists the nodes, and then each that comes, goes or changes, as this node sees it.", [], (node, _, cancel) => Changes(node, TimeProvider.System, cancel));

    /// <summary><c>cluster leave</c>.</summary>
    public static readonly Command<IAnsweringNode> Leave = Own.Message("leave", "Lets a node leave the cluster in order; while its process runs, it joins again.", [Address], (node, asked, _) =>
    {
        node.Machinery.Leave(asked.Text(Address)!);
        return Task.FromResult($"{asked.Text(Address)} leaves the cluster. 'cluster tail' tells when it has");
    }).Asking("Let {address} leave the cluster?");

    /// <summary><c>cluster down</c>.</summary>
    public static readonly Command<IAnsweringNode> Down = Own.Message("down", "Puts a node out of the cluster that is not reached and does not come back.", [Address], (node, asked, _) =>
    {
        node.Machinery.PutOut(asked.Text(Address)!);
        return Task.FromResult($"{asked.Text(Address)} is put out of the cluster: whatever it still does there counts no more");
    }).Asking("Put {address} out of the cluster? It must not run any more.");

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [Show, Leader, Tail, Leave, Down];

    private static CommandRow Row(ClusterMember member) => CommandRow.Of(
        ("address", member.Address), ("roles", member.Roles), ("status", member.Status), ("reachable", member.Reachable), ("leader", member.Leader));

    private static async IAsyncEnumerable<CommandRow> Changes(IAnsweringNode node, TimeProvider time, [EnumeratorCancellation] CancellationToken cancel)
    {
        Dictionary<string, ClusterMember> before = [];
        while (true)
        {
            var now = node.Members().ToDictionary(member => member.Address);
            foreach (var member in now.Values.Where(member => !before.TryGetValue(member.Address, out var known) || !Same(known, member)))
                yield return At(member, time);
            foreach (var gone in before.Values.Where(member => !now.ContainsKey(member.Address)))
                yield return At(gone with { Status = "gone", Reachable = false, Leader = false }, time);
            before = now;
            await Task.Delay(LookEvery, time, cancel);
        }
    }

    private static bool Same(ClusterMember one, ClusterMember other) =>
        one.Status == other.Status && one.Reachable == other.Reachable && one.Leader == other.Leader && one.Roles.SequenceEqual(other.Roles);

    private static CommandRow At(ClusterMember member, TimeProvider time) => CommandRow.Of(
        ("time", time.GetUtcNow()), ("address", member.Address), ("roles", member.Roles), ("status", member.Status), ("reachable", member.Reachable), ("leader", member.Leader));
}
