using System.Collections.Immutable;
using FedKim.Commands.Handlers;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>client</c>.</summary>
public sealed class ClientPalette : INodePalette
{
    private static readonly Palette<IAnsweringNode> Own = new("client", "The hospitals that take part.");

    /// <summary><c>client list</c>.</summary>
    public static readonly Command<IAnsweringNode> List = Own.Rows("list", "Lists the hospitals with what each is doing.", [], async (node, _, cancel) =>
        [.. (await node.ClientsAsync(cancel)).Select(ClientStatus.Row)]);

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [List];
}
