using FedKim.Commands.Answers;
using FedKim.Protocol.Messages;

namespace FedKim.Launch.Answers;

/// <summary>A row of <c>round list</c>.</summary>
public sealed record RoundStatus(int Round, string Phase, int Accepted, int Dropped, int Invited, long Milliseconds, string Cause, string Waiting = "")
{
    /// <summary>The row.</summary>
    public static CommandRow Row(RoundView view) => CommandRow.Of(
        ("round", (long)view.Number), ("phase", view.Phase), ("accepted", (long)view.AcceptedCount), ("dropped", (long)view.DroppedCount),
        ("invited", (long)view.InvitedCount), ("waiting", view.Waiting), ("cause", view.Cause), ("quorum", (long)view.Quorum), ("milliseconds", view.PhaseMilliseconds.Sum(p => p.Milliseconds)));
}
