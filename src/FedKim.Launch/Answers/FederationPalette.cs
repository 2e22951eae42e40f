using System.Collections.Immutable;
using FedKim.Commands;
using FedKim.Commands.Answers;
using FedKim.Commands.Handlers;
using FedKim.Commands.Palettes;
using FedKim.Configuration;
using FedKim.Launch.Reports;
using FedKim.Learning;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using static FedKim.Protocol.Messages.FederationQueries;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>federation</c>.</summary>
public sealed class FederationPalette : INodePalette
{
    /// <summary>A federation, for a command that else is about the latest.</summary>
    public static readonly CommandSwitch Named = new("federation", "f", "The federation's name; without it, the only one that runs, or the one that ran last.");

    /// <summary>A federation, for a command that changes it.</summary>
    public static readonly CommandSwitch Name = new("federation", "f", "The federation's name.", Required: true);

    /// <summary>A federation file.</summary>
    public static readonly CommandSwitch Text = new("text", "t", "The federation file's text, without includes.", Required: true);

    /// <summary>A federation that runs.</summary>
    public static readonly CommandSwitch Running = new("federation", "f", "The federation's name, to mean no other; without it, the only one that runs now.");

    /// <summary>Why a federation is taken from the queue.</summary>
    public static readonly CommandSwitch CancelCause = new("cause", "c", "Why; it stands in the journal.", Default: "taken from the queue by an operator");

    /// <summary>Why a federation is stopped.</summary>
    public static readonly CommandSwitch Cause = new("cause", "c", "Why; it stands in the journal and the report.", Default: "stopped by an operator");

    /// <summary>That what cannot be undone is meant.</summary>
    public static readonly CommandSwitch Yes = new("yes", "y", "Meant so.", SwitchKind.Flag);

    private static readonly Palette<IAnsweringNode> Own = new("federation", "The federations that run, or ran last, and those before them.");

    /// <summary><c>federation submit</c>.</summary>
    public static readonly Command<IAnsweringNode> Submit = Own.Message(
        "submit", "Runs a federation by its file, beside or after those submitted before it; a plan that was submitted before is not run again.", [Text], async (node, asked, cancel) =>
        {
            var view = await node.AskAsync<FederationView>(OperatorMessages.Submit.Of(PlanOf(asked.Text(Text)!)), cancel);
            return Sentence(view) + (view.Phase is "Completed" or "Failed" or "Stopped" ? ". It was submitted before; under another name it runs again." : "");
        })
        .Asking("Run this federation?");

    /// <summary><c>federation list</c>.</summary>
    public static readonly Command<IAnsweringNode> List = Own.Rows("list", "Lists the federations, the latest last, and then those in the queue.", [], async (node, _, cancel) =>
        [.. (await node.FederationsAsync(cancel)).Select(view => CommandRow.Of(
            ("federation", view.Federation), ("phase", view.Phase), ("place", PlaceOf(view)), ("committedRounds", (long)view.CommittedRounds), ("rounds", (long)view.Rounds),
            ("cause", view.Cause), ("method", view.Method), ("seed", view.Seed), ("invited", (long)view.InvitedCount), ("globalModel", view.GlobalModel), ("removed", view.Removed)))],
        CommandLimits.Long);

    /// <summary><c>federation queue</c>.</summary>
    public static readonly Command<IAnsweringNode> Queue = Own.Rows("queue", "Lists the federations that run, what they wait for and since when, and those that wait for their end.", [], async (node, _, cancel) =>
        [.. (await node.QueueAsync(cancel)).Select(view => CommandRow.Of(
            ("place", PlaceOf(view)), ("federation", view.Federation), ("phase", view.Phase), ("committedRounds", (long)view.CommittedRounds),
            ("rounds", (long)view.Rounds), ("since", DateTimeOffset.FromUnixTimeMilliseconds(view.Since)), ("waiting", view.Waiting)))]);

    /// <summary><c>federation cancel</c>.</summary>
    public static readonly Command<IAnsweringNode> Cancel = Own.Message("cancel", "Takes a federation from the queue before it begins.", [Name, CancelCause], async (node, asked, cancel) =>
    {
        var view = await node.AskAsync<FederationView>(new OperatorMessages.Cancel(new FederationId(Of(asked)), asked.Text(CancelCause)!), cancel);
        return $"{Sentence(view)}. Its name stays taken";
    }).Asking("Take federation {federation} from the queue?");

    /// <summary><c>federation stop</c>.</summary>
    public static readonly Command<IAnsweringNode> Stop = Own.Message("stop", "Gives a running federation up, and its open round with it; the next in the queue begins.", [Cause, Running], async (node, asked, cancel) =>
    {
        // By its name: said again because no answer came, it does not stop the next one.
        string name = asked.Text(Running) ?? (await node.AskAsync<FederationView>(new GetFederation(), cancel)).Federation;
        return Sentence(await node.AskAsync<FederationView>(new OperatorMessages.Stop(asked.Text(Cause)!, name), cancel));
    }).Asking("Stop {federation}, and give its open round up?");

    /// <summary><c>federation show</c>.</summary>
    public static readonly Command<IAnsweringNode> Show = Own.Item("show", "Shows the federation, its current round, phase and counts.", [Named], async (node, asked, cancel) =>
        FederationStatus.Row(await node.FederationAsync(Of(asked), cancel))).Formerly("status");

    /// <summary><c>federation resume</c>.</summary>
    public static readonly Command<IAnsweringNode> Resume = Own.Message("resume", "Tries again what a federation failed at, with all that was accepted.", [Name], async (node, asked, cancel) =>
        Sentence(await node.AskAsync<FederationView>(new OperatorMessages.Resume(new FederationId(Of(asked))), cancel)))
        .Asking("Try federation {federation} again?");

    /// <summary><c>federation remove</c>.</summary>
    public static readonly Command<IAnsweringNode> Remove = Own.Message("remove", "Deletes the model and the adapters of a federation that has ended.", [Name, Yes], async (node, asked, cancel) =>
    {
        string name = Of(asked);
        if (!asked.Flag(Yes))
            throw new CommandException(CommandFault.Failed, $"The model and the adapters of federation {name} would be deleted from all servers. Say --yes if that is meant.");
        var view = await node.AskAsync<FederationView>(new OperatorMessages.Remove(new FederationId(name)), cancel);
        return $"Federation {view.Federation} is removed: the servers delete its model and adapters. Its report stays in the journal, and its name stays taken";
    }).Asking("Delete the model and the adapters of federation {federation} from all servers?");

    /// <summary><c>federation result</c>.</summary>
    public static readonly Command<IAnsweringNode> Result = Own.Item("result", "Tells which model and adapters a federation has, and where they are fetched.", [Named], async (node, asked, cancel) =>
    {
        var result = await node.AskAsync<FederationQueries.Result>(new GetResult(Of(asked)), cancel);
        return CommandRow.Of(("globalModel", result.GlobalModel), ("adapter", result.Adapter), ("weights", result.Weights));
    });

    /// <summary><c>federation plan</c>.</summary>
    public static readonly Command<IAnsweringNode> Plan = Own.Message("plan", "Prints a federation's plan as JSON.", [Named], (node, asked, cancel) =>
        node.TextAsync(from => new GetPlan(Of(asked), from), cancel));

    /// <summary><c>federation report</c>.</summary>
    public static readonly Command<IAnsweringNode> Report = Own.Message("report", "Prints the federation's report as JSON: rounds, result, evaluation.", [Named], async (node, asked, cancel) =>
    {
        var view = await node.FederationAsync(Of(asked), cancel);
        var rounds = await node.RoundsAsync(view.Federation, 1, clients: true, cancel);
        return FederationReport.Of(view, rounds, await Evaluation(node, view.Federation, cancel)).ToJson();
    }, CommandLimits.Long);

    /// <summary><c>federation routing</c>.</summary>
    public static readonly Command<IAnsweringNode> Routing = Own.Rows("routing", "Lists how the router weighs the experts for each task, and what that is worth, once the model is measured.", [Named], async (node, asked, cancel) =>
    {
        return [.. (await RoutingAsync(node, Of(asked), cancel)).Select(RoutingReply.Row)];
    }, CommandLimits.Long);

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [Submit, List, Queue, Cancel, Stop, Show, Resume, Remove, Result, Plan, Report, Routing];

    /// <summary>The federation that is asked about; empty for the latest.</summary>
    internal static string Of(CommandInvocation asked) => asked.Text(Named) ?? "";

    /// <summary>How the router weighs the experts, once a federation's model is measured.</summary>
    internal static async Task<ImmutableArray<TaskRouting>> RoutingAsync(IAnsweringNode node, string name, CancellationToken cancel)
    {
        var view = await node.FederationAsync(name, cancel);
        return FederationReport.Of(view, [], await Evaluation(node, view.Federation, cancel)).Routing ?? [];
    }

    private static Task<string> Evaluation(IAnsweringNode node, string federation, CancellationToken cancel) =>
        node.TextAsync(from => new GetEvaluation(federation, from), cancel);

    private static FederationPlan PlanOf(string text)
    {
        try
        {
            return FederationFile.ParseText(text);
        }
        catch (InvalidConfigurationException e)
        {
            throw new CommandException(CommandFault.Failed, string.Join(" ", e.Problems), e);
        }
    }

    private static long? PlaceOf(FederationView view) => view.Place > 0 ? view.Place : null;

    private static string Sentence(FederationView view) => view.Place > 0 ? $"Federation {view.Federation} is queued, place {view.Place}, {view.Waiting}" :
        $"Federation {view.Federation} is {view.Phase}{(view.Paused ? " and paused" : "")}, {view.CommittedRounds} of {view.Rounds} rounds committed{(view.Cause.Length > 0 ? $": {view.Cause}" : "")}";
}
