using System.Collections.Immutable;
using FedKim.Commands.Answers;
using FedKim.Commands.Handlers;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>certs</c>.</summary>
public sealed class CertsPalette : INodePalette
{
    private static readonly Palette<IAnsweringNode> Own = new("certs", "The certificates by which the node goes.");

    /// <summary><c>certs list</c>.</summary>
    public static readonly Command<IAnsweringNode> List = Own.Rows("list", "Lists the node's own certificate and its authorities', with how many each has taken back; 'fedkim certs' makes and revokes them.", [], (node, _, _) =>
        Task.FromResult<IReadOnlyList<CommandRow>>([.. node.Machinery.Certificates().Select(one => CommandRow.Of(
            ("kind", one.Kind), ("whose", one.Whose), ("state", one.State), ("until", one.Until), ("revoked", one.Revoked), ("from", one.From), ("listMade", one.ListMade),
            ("serial", one.Serial)))]));

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [List];
}
