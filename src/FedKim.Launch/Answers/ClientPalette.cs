using FedKim.Commands.Handlers;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>client</c>.</summary>
public static class ClientPalette
{
    private static readonly Palette<IAnsweringNode> Palette = new("client", "The hospitals that take part.");

    /// <summary><c>client list</c>.</summary>
    public static readonly Command<IAnsweringNode> List = Palette.Rows("list", "Lists the hospitals with what each is doing.", [], async (node, _, cancel) =>
        [.. (await node.ClientsAsync(cancel)).Select(ClientStatus.Row)]);
}
