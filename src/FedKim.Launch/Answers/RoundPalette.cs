using System.Collections.Immutable;
using FedKim.Commands;
using FedKim.Commands.Answers;
using FedKim.Commands.Handlers;
using FedKim.Commands.Palettes;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using static FedKim.Protocol.Messages.FederationQueries;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>round</c>.</summary>
public sealed class RoundPalette : INodePalette
{
    /// <summary>How many rounds are wanted.</summary>
    public static readonly CommandSwitch Last = new("last", "n", "Only so many, the latest.", SwitchKind.Number);

    /// <summary>A round.</summary>
    public static readonly CommandSwitch Number = new("round", "r", "The round's number, from 1.", SwitchKind.Number, Required: true);

    /// <summary>A round, for a command that else is about the latest.</summary>
    public static readonly CommandSwitch Which = new("round", "r", "The round's number, from 1; without it, the latest.", SwitchKind.Number);

    /// <summary>One round of two.</summary>
    public static readonly CommandSwitch First = new("first", "a", "One round's number, from 1.", SwitchKind.Number, Required: true);

    /// <summary>The other round.</summary>
    public static readonly CommandSwitch Second = new("second", "b", "The other's.", SwitchKind.Number, Required: true);

    /// <summary>Why a round is given up.</summary>
    public static readonly CommandSwitch Cause = new("cause", "c", "Why; it stands in the journal and the report.", Default: "aborted by an operator");

    private static readonly Palette<IAnsweringNode> Own = new("round", "The rounds of a federation.");

    /// <summary><c>round list</c>.</summary>
    public static readonly Command<IAnsweringNode> List = Own.Rows("list", "Lists the rounds with their phase or outcome.", [FederationPalette.Named, Last], async (node, asked, cancel) =>
    {
        string name = FederationPalette.Of(asked);
        int from = asked.Number(Last) is { } last
            ? (int)Math.Max(1, (await node.AskAsync<FederationView>(new GetFederation(name), cancel)).CommittedRounds + 2 - Math.Clamp(last, 0, int.MaxValue))
            : 1;
        return [.. (await node.RoundsAsync(name, from, clients: false, cancel)).Select(RoundStatus.Row)];
    }, CommandLimits.Long);

    /// <summary><c>round show</c>.</summary>
    public static readonly Command<IAnsweringNode> Show = Own.Item("show", "Shows one round.", [FederationPalette.Named, Number], async (node, asked, cancel) =>
    {
        var view = await RoundAsync(node, asked, Number, cancel);
        return CommandRow.Of(
            ("result", view.Result), ("round", (long)view.Number), ("phase", view.Phase), ("invited", view.Invited), ("quorum", (long)view.Quorum),
            ("accepted", view.Accepted.Select(a => $"{a.Client} {a.Digest} {a.Samples} samples").ToArray()),
            ("dropped", view.Dropped.Select(d => $"{d.Client}: {d.Reason}").ToArray()),
            ("leftOut", view.LeftOut.Select(d => $"{d.Client}: {d.Reason}").ToArray()),
            ("aggregate", view.Aggregate), ("globalModel", view.GlobalModel), ("adapter", view.Adapter), ("injectionLoss", view.InjectionLoss),
            ("phaseMilliseconds", view.PhaseMilliseconds.Select(p => $"{p.Phase} {p.Milliseconds}").ToArray()), ("waiting", view.Waiting), ("cause", view.Cause));
    });

    /// <summary><c>round why</c>.</summary>
    public static readonly Command<IAnsweringNode> Why = Own.Rows("why", "Tells from the journal what happened in one round, in order.", [FederationPalette.Named, Number], async (node, asked, cancel) =>
        [.. (await node.StoryAsync(FederationPalette.Of(asked), NumberOf(asked, Number), cancel)).Select(line => CommandRow.Of(
            ("time", DateTimeOffset.FromUnixTimeMilliseconds(line.At)), ("event", line.Text)))]);

    /// <summary><c>round tail</c>.</summary>
    public static readonly Command<IAnsweringNode> Tail = Own.Stream(
        "tail", "Tells what happens in the open round, and in those after it, as it happens.", [FederationPalette.Named], (node, asked, cancel) =>
            RoundTail.Of(node, FederationPalette.Of(asked), TimeProvider.System, cancel));

    /// <summary><c>round timeline</c>.</summary>
    public static readonly Command<IAnsweringNode> Timeline = Own.Rows(
        "timeline", "Lists what happened in one round as events, each with the site it is about.", [FederationPalette.Named, Which], async (node, asked, cancel) =>
        {
            string name = FederationPalette.Of(asked);
            int number = asked.Number(Which) is not null ? NumberOf(asked, Which) : LatestOf(await node.AskAsync<FederationView>(new GetFederation(name), cancel));
            return [.. (await node.StoryAsync(name, number, cancel)).Select(line => CommandRow.Of(
                ("round", (long)number), ("time", DateTimeOffset.FromUnixTimeMilliseconds(line.At)), ("kind", line.Kind), ("site", line.Site),
                ("samples", line.Samples), ("loss", line.Loss), ("event", line.Text)))];
        });

    /// <summary><c>round losses</c>.</summary>
    public static readonly Command<IAnsweringNode> Losses = Own.Rows(
        "losses", "Lists the loss of each counted contribution and of each injection, round by round.", [FederationPalette.Named, Last], async (node, asked, cancel) =>
        {
            string name = FederationPalette.Of(asked);
            var view = await node.AskAsync<FederationView>(new GetFederation(name), cancel);
            int from = asked.Number(Last) is { } last ? (int)Math.Max(1, LatestOf(view) + 1 - Math.Clamp(last, 0, int.MaxValue)) : 1;
            return [.. (await node.RoundsAsync(view.Federation, from, clients: true, cancel)).SelectMany(LossesOf)];
        }, CommandLimits.Long);

    /// <summary><c>round replay</c>.</summary>
    public static readonly Command<IAnsweringNode> Replay = Own.Item(
        "replay", "Computes a round's aggregate anew from the updates, while they are there.", [FederationPalette.Named, Number], async (node, asked, cancel) =>
        {
            // The one question whose answer takes long: the command's own limit is enough.
            var view = await node.AskAsync<ReplayView>(new GetReplay(NumberOf(asked, Number), FederationPalette.Of(asked)), cancel, Timeout.InfiniteTimeSpan);
            return CommandRow.Of(
                ("round", (long)view.Number), ("updates", (long)view.Updates), ("recorded", view.Recorded), ("computed", view.Computed),
                ("same", view.Computed.Length > 0 && view.Computed == view.Recorded), ("message", view.Message));
        }, CommandLimits.Long);

    /// <summary><c>round diff</c>.</summary>
    public static readonly Command<IAnsweringNode> Diff = Own.Rows(
        "diff", "Compares two rounds by the journal: sites, samples, losses, digests, times.", [FederationPalette.Named, First, Second], async (node, asked, cancel) =>
            RoundDifference.Rows(await RoundAsync(node, asked, First, cancel), await RoundAsync(node, asked, Second, cancel)));

    /// <summary><c>round abort</c>.</summary>
    public static readonly Command<IAnsweringNode> Abort = Own.Message("abort", "Gives the open round up; 'federation resume' tries it again, with all that was accepted.", [FederationPalette.Running, Cause], async (node, asked, cancel) =>
    {
        var view = await ChangeAsync(node, asked, federation => new OperatorMessages.Abort(federation, asked.Text(Cause)!), cancel);
        return $"Federation {view.Federation} is {view.Phase}: {view.Cause}. 'federation resume --federation {view.Federation}' tries its round again";
    }).Asking("Give up the open round of {federation}?");

    /// <summary><c>round pause</c>.</summary>
    public static readonly Command<IAnsweringNode> Pause = Own.Message("pause", "Opens no further round, and ends the open one by no deadline, until 'round resume'.", [FederationPalette.Running], async (node, asked, cancel) =>
    {
        var view = await ChangeAsync(node, asked, federation => new OperatorMessages.Pause(federation), cancel);
        return $"Federation {view.Federation} is paused: no further round is opened, and no deadline ends the open one, until 'round resume --federation {view.Federation}'";
    }).Asking("Open no further round of {federation}?");

    /// <summary><c>round resume</c>.</summary>
    public static readonly Command<IAnsweringNode> Resume = Own.Message("resume", "Lets a federation that was paused go on.", [FederationPalette.Running], async (node, asked, cancel) =>
        $"Federation {(await ChangeAsync(node, asked, federation => new OperatorMessages.Continue(federation), cancel)).Federation} goes on")
        .Asking("Let {federation} go on?");

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [List, Show, Tail, Why, Timeline, Losses, Replay, Diff, Pause, Resume, Abort];

    private static Task<RoundView> RoundAsync(IAnsweringNode node, CommandInvocation asked, CommandSwitch which, CancellationToken cancel) =>
        node.RoundAsync(FederationPalette.Of(asked), NumberOf(asked, which), cancel);

    // By its name: said again because no answer came, it is not about the next one.
    private static async Task<FederationView> ChangeAsync(
        IAnsweringNode node, CommandInvocation asked, Func<FederationId, OperatorMessages.IChange> change, CancellationToken cancel)
    {
        string name = asked.Text(FederationPalette.Running) ?? (await node.AskAsync<FederationView>(new GetFederation(), cancel)).Federation;
        if (name.Length == 0)
            throw new CommandException(CommandFault.Failed, "No federation was submitted yet; no round is open.");
        return await node.AskAsync<FederationView>(change(new FederationId(name)), cancel);
    }

    // One that failed is not committed, and open no more.
    private static int LatestOf(FederationView view) => view.OpenRound > 0 ? view.OpenRound : Math.Max(1, view.CommittedRounds + (view.Phase == "Failed" ? 1 : 0));

    private static IEnumerable<CommandRow> LossesOf(RoundView round) =>
    [
        .. round.Accepted.Select(a => CommandRow.Of(("round", (long)round.Number), ("of", "site"), ("site", a.Client), ("samples", a.Samples), ("loss", a.Loss))),
        .. double.IsFinite(round.InjectionLoss)
            ? [CommandRow.Of(("round", (long)round.Number), ("of", "injection"), ("site", ""), ("samples", 0L), ("loss", round.InjectionLoss))]
            : Array.Empty<CommandRow>(),
    ];

    private static int NumberOf(CommandInvocation asked, CommandSwitch which) => (int)Math.Clamp(asked.Number(which)!.Value, int.MinValue, int.MaxValue);
}
