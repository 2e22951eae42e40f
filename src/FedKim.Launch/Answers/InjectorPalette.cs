using System.Collections.Immutable;
using System.Globalization;
using FedKim.Commands;
using FedKim.Commands.Answers;
using FedKim.Commands.Handlers;
using FedKim.Commands.Palettes;
using FedKim.Learning;
using FedKim.Protocol.Messages;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>injector</c>.</summary>
public sealed class InjectorPalette : INodePalette
{
    /// <summary>An injector.</summary>
    public static readonly CommandSwitch Site = new("injector", "i", "The injector's site; without it, the only one that is here.");

    private static readonly Palette<IAnsweringNode> Own = new("injector", "The injector of the foundation model.");

    /// <summary><c>injector show</c>.</summary>
    public static readonly Command<IAnsweringNode> Show = Own.Item("show", "Shows what the injector is doing.", [Site], async (node, asked, cancel) =>
        InjectorReply.Row(await node.AskAsync<InjectorView>(new FederationQueries.GetInjector(asked.Text(Site) ?? ""), cancel))).Formerly("status");

    /// <summary><c>injector adapters</c>.</summary>
    public static readonly Command<IAnsweringNode> Adapters = Own.Rows("adapters", "Lists the adapters that came out of each round, with the loss of its injection.", [FederationPalette.Named], async (node, asked, cancel) =>
        [.. (await node.RoundsAsync(FederationPalette.Of(asked), 1, clients: false, cancel)).Where(round => round.Adapter.Length > 0).Select(round => CommandRow.Of(
            ("round", (long)round.Number), ("adapter", round.Adapter), ("globalModel", round.GlobalModel), ("injectionLoss", round.InjectionLoss)))],
        CommandLimits.Long);

    /// <summary><c>injector experts</c>.</summary>
    public static readonly Command<IAnsweringNode> Experts = Own.Rows("experts", "Lists the experts, and how much each weighs for which task, once the model is measured.", [FederationPalette.Named], async (node, asked, cancel) =>
    {
        var tasks = await FederationPalette.RoutingAsync(node, FederationPalette.Of(asked), cancel);
        return [.. Enumerable.Range(0, tasks.IsEmpty ? 0 : tasks.Max(task => task.Alpha.Length)).Select(expert => Row(expert, tasks))];
    }, CommandLimits.Long);

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [Show, Adapters, Experts];

    private static CommandRow Row(int expert, ImmutableArray<TaskRouting> tasks)
    {
        var weights = tasks.Where(task => expert < task.Alpha.Length).Select(task => (task.Task, Weight: task.Alpha[expert])).OrderByDescending(task => task.Weight).ToList();
        return CommandRow.Of(
            ("expert", (long)expert + 1), ("mean", Math.Round(weights.Average(task => task.Weight), 3)),
            ("weights", weights.Select(task => string.Create(CultureInfo.InvariantCulture, $"{task.Task} {task.Weight:0.000}")).ToArray()));
    }
}
