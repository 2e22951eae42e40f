using System.Collections.Immutable;
using FedKim.Commands.Handlers;
using FedKim.Commands.Palettes;
using FedKim.Protocol.Messages;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>injector</c>.</summary>
public sealed class InjectorPalette : INodePalette
{
    /// <summary>An injector.</summary>
    public static readonly CommandSwitch Site = new("injector", "i", "The injector's site; without it, the only one that is here.");

    private static readonly Palette<IAnsweringNode> Own = new("injector", "The injector of the foundation model.");

    /// <summary><c>injector status</c>.</summary>
    public static readonly Command<IAnsweringNode> Status = Own.Item("status", "Shows what the injector is doing.", [Site], async (node, asked, cancel) =>
        InjectorReply.Row(await node.AskAsync<InjectorView>(new FederationQueries.GetInjector(asked.Text(Site) ?? ""), cancel)));

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [Status];
}
