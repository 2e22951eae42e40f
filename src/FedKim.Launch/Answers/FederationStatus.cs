using System.Collections.Immutable;
using FedKim.Commands.Answers;
using FedKim.Protocol.Messages;

namespace FedKim.Launch.Answers;

/// <summary>The row of <c>federation show</c>.</summary>
public sealed record FederationStatus(string Federation, string Phase, int Rounds, int CommittedRounds, int OpenRound, string Cause, string Waiting = "", int Queued = 0,
    ImmutableArray<string>? Invited = null)
{
    /// <summary>The row.</summary>
    public static CommandRow Row(FederationView view) => CommandRow.Of(
        ("federation", view.Federation), ("phase", view.Phase), ("paused", view.Paused), ("rounds", (long)view.Rounds), ("committedRounds", (long)view.CommittedRounds),
        ("openRound", (long)view.OpenRound), ("seed", view.Seed), ("strategy", view.Strategy), ("method", view.Method), ("invited", view.Invited),
        ("quorum", (long)view.Quorum), ("globalModel", view.GlobalModel), ("adapter", view.Adapter), ("coordinator", view.Coordinator),
        ("epoch", (long)view.Epoch), ("waiting", view.Waiting), ("cause", view.Cause), ("removed", view.Removed),
        ("place", view.Place > 0 ? view.Place : (long?)null), ("queued", (long)view.Queued));
}
