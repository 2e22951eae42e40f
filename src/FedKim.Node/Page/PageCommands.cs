using FedKim.Commands.Handlers;
using FedKim.Commands.Host;
using FedKim.Commands.Watch;
using FedKim.Launch.Answers;

namespace FedKim.Node.Page;

/// <summary>
/// The commands that the page watches: they ask the federation's actor for what it has at hand. What takes longer the page asks when a person wants to
/// see it.
/// </summary>
internal static class PageCommands
{
    /// <summary>One watch for all who look at this node, at whichever door.</summary>
    /// <param name="table">The node's commands.</param>
    /// <param name="options">Its name, its clock, and what is told of its faults.</param>
    public static CommandWatch Watch(CommandTable table, CommandHostOptions options) => new(
        table,
        [
            NodePalette.Show.Asked, ClusterPalette.Show.Asked, FederationPalette.Queue.Asked, FederationPalette.Show.Asked,
            RoundPalette.List.Asked, RoundPalette.Timeline.Asked, ClientPalette.List.Asked, InjectorPalette.Show.Asked,
        ],
        options);
}
