using System.Collections.Immutable;
using FedKim.Commands.Answers;
using FedKim.Commands.Handlers;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>cluster</c>.</summary>
public sealed class ClusterPalette : INodePalette
{
    private static readonly Palette<IAnsweringNode> Own = new("cluster", "The nodes of the cluster as this node sees them.");

    /// <summary><c>cluster show</c>.</summary>
    public static readonly Command<IAnsweringNode> Show = Own.Rows("show", "Lists the nodes with their roles and status.", [], (node, _, _) =>
        Task.FromResult<IReadOnlyList<CommandRow>>([.. node.Members().Select(member => CommandRow.Of(
            ("address", member.Address), ("roles", member.Roles), ("status", member.Status), ("reachable", member.Reachable), ("leader", member.Leader)))]));

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [Show];
}
