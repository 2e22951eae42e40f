using System.Collections.Immutable;
using FedKim.Commands.Answers;
using FedKim.Commands.Handlers;
using FedKim.Commands.Palettes;
using FedKim.Launch.Answers;

namespace OwnPalette;

/// <summary>The palette <c>count</c>.</summary>
public sealed class CountPalette : INodePalette
{
    private static readonly Palette<IAnsweringNode> Own = new("count", "How many there are.");

    private static readonly CommandSwitch Role = new("role", "r", "Only nodes of this role.");

    private static readonly Command<IAnsweringNode> Nodes = Own.Item("nodes", "Counts the nodes of the cluster.", [Role], (node, asked, _) =>
        Task.FromResult(CommandRow.Of(("nodes", (long)node.Members().Count(member => asked.Text(Role) is not { } role || member.Roles.Contains(role))))));

    public Palette<IAnsweringNode> Palette => Own;

    public ImmutableArray<Command<IAnsweringNode>> Commands => [Nodes];
}
