using System.Collections.Immutable;
using FedKim.Actors.Hospital.Plans;
using FedKim.Commands.Handlers;
using FedKim.Commands.Palettes;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>plan</c>: a hospital's own word on what it trains for.</summary>
public sealed class PlanPalette : INodePalette
{
    /// <summary>A plan.</summary>
    public static readonly CommandSwitch Which = new(
        "plan", "p", "The plan's digest, or at least 12 of its digits; or else a federation's name, for its latest plan here.", Required: true);

    /// <summary>A plan that a word is said of.</summary>
    public static readonly CommandSwitch Exactly = new(
        "plan", "p", "The plan's digest, or at least 12 of its digits. A name is not enough: another plan may have come under it since one was shown.", Required: true);

    /// <summary>Why a plan is refused.</summary>
    public static readonly CommandSwitch Reason = new("reason", "r", "Why; it stays at this site.");

    private static readonly Palette<IAnsweringNode> Own = new("plan", "The plans that this hospital was asked to train for, and its own word on them.");

    /// <summary><c>plan list</c>.</summary>
    public static readonly Command<IAnsweringNode> List = Own.Rows("list", "Lists the plans, the latest last; asks no server.", [], async (node, _, cancel) =>
        [.. (await node.AskHospitalAsync<PlanMessages.Plans>(new PlanMessages.GetPlans(), cancel)).Items.Select(PlanRows.Row)]);

    /// <summary><c>plan show</c>.</summary>
    public static readonly Command<IAnsweringNode> Show = Own.Rows("show", "Shows what a plan reads here and what leaves the site for it.", [Which], async (node, asked, cancel) =>
        PlanRows.Of(await node.AskHospitalAsync<PlanView>(new PlanMessages.GetPlan(asked.Text(Which)!), cancel)));

    /// <summary><c>plan text</c>.</summary>
    public static readonly Command<IAnsweringNode> Text = Own.Message("text", "Shows all of a plan, as JSON.", [Which], async (node, asked, cancel) =>
        PlanRows.Whole(await node.AskHospitalAsync<PlanView>(new PlanMessages.GetPlan(asked.Text(Which)!), cancel)));

    /// <summary><c>plan approve</c>.</summary>
    public static readonly Command<IAnsweringNode> Approve = Own.Message("approve", "Lets this hospital train for a plan.", [Exactly], async (node, asked, cancel) =>
    {
        var plan = await node.AskHospitalAsync<PlanView>(new PlanMessages.Say(asked.Text(Exactly)!, PlanWord.Approved, ""), cancel);
        return plan.Verdict == PlanVerdict.Train
            ? $"This hospital trains for plan {plan.Digest[..12]} of federation {plan.Federation}. If anything of it but the round and the model it starts from changes, it is another plan"
            : $"It is approved, and fedkim.hospital.accept is listed: name {plan.Digest}, or {plan.Federation} for all its plans, in fedkim.hospital.plans of this node's file, and start the node again";
    }).Asking("Let this hospital train for plan {plan}?");

    /// <summary><c>plan refuse</c>.</summary>
    public static readonly Command<IAnsweringNode> Refuse = Own.Message("refuse", "Keeps this hospital from training for a plan; the server hears that, and not why.", [Exactly, Reason], async (node, asked, cancel) =>
    {
        var plan = await node.AskHospitalAsync<PlanView>(new PlanMessages.Say(asked.Text(Exactly)!, PlanWord.Refused, asked.Text(Reason) ?? ""), cancel);
        return $"This hospital does not train for plan {plan.Digest[..12]} of federation {plan.Federation}. What it sent before is at the server";
    }).Asking("Keep this hospital from training for plan {plan}?");

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [List, Show, Text, Approve, Refuse];
}
