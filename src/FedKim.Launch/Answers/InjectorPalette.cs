using FedKim.Commands.Handlers;
using FedKim.Protocol.Messages;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>injector</c>.</summary>
public static class InjectorPalette
{
    private static readonly Palette<IAnsweringNode> Palette = new("injector", "The injector of the foundation model.");

    /// <summary><c>injector status</c>.</summary>
    public static readonly Command<IAnsweringNode> Status = Palette.Item("status", "Shows what the injector is doing.", [], async (node, _, cancel) =>
        InjectorReply.Row(await node.AskAsync<InjectorView>(new FederationQueries.GetInjector(), cancel)));
}
