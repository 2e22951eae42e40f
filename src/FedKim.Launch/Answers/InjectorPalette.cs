using System.Collections.Immutable;
using FedKim.Commands.Handlers;
using FedKim.Protocol.Messages;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>injector</c>.</summary>
public sealed class InjectorPalette : INodePalette
{
    private static readonly Palette<IAnsweringNode> Own = new("injector", "The injector of the foundation model.");

    /// <summary><c>injector status</c>.</summary>
    public static readonly Command<IAnsweringNode> Status = Own.Item("status", "Shows what the injector is doing.", [], async (node, _, cancel) =>
        InjectorReply.Row(await node.AskAsync<InjectorView>(new FederationQueries.GetInjector(), cancel)));

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [Status];
}
