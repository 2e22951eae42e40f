using System.Collections.Immutable;
using FedKim.Commands.Answers;
using FedKim.Commands.Handlers;
using FedKim.Commands.Palettes;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>actor</c>.</summary>
public sealed class ActorPalette : INodePalette
{
    /// <summary>How many are wanted.</summary>
    public static readonly CommandSwitch Most = new("most", "n", "Only so many, from the top.", SwitchKind.Number, Default: "1000");

    private const int MostShown = 100_000;

    private static readonly Palette<IAnsweringNode> Own = new("actor", "The node's actors.");

    /// <summary><c>actor hierarchy</c>.</summary>
    public static readonly Command<IAnsweringNode> Hierarchy = Own.Rows("hierarchy", "Lists the actors, each followed by those below it, with the messages that wait for them.", [Most], (node, asked, _) =>
        Task.FromResult<IReadOnlyList<CommandRow>>([.. node.Machinery.Actors((int)Math.Clamp(asked.Number(Most)!.Value, 0, MostShown)).Select(actor => CommandRow.Of(
            ("system", actor.System), ("actor", actor.Path), ("below", (long)actor.Below), ("waiting", (long)actor.Waiting)))]));

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [Hierarchy];
}
