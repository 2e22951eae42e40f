using System.Collections.Immutable;
using FedKim.Commands.Answers;
using FedKim.Commands.Handlers;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>transfer</c>.</summary>
public sealed class TransferPalette : INodePalette
{
    private static readonly Palette<IAnsweringNode> Own = new("transfer", "The weights that go between nodes.");

    /// <summary><c>transfer list</c>.</summary>
    public static readonly Command<IAnsweringNode> List = Own.Rows("list", "Lists the weights that this node holds whole.", [], (node, _, _) =>
        Task.FromResult<IReadOnlyList<CommandRow>>([.. node.Weights.List().Select(digest => CommandRow.Of(
            ("digest", digest.Hex), ("bytes", node.Weights.LengthOf(digest)), ("wanted", node.Weights.IsWanted(digest))))]));

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [List];
}
