using FedKim.Commands;
using FedKim.Protocol;

namespace FedKim.Launch.Answers;

/// <summary>A row of <c>round list</c>.</summary>
public sealed record RoundStatus(int Round, string Phase, int Accepted, int Dropped, int Invited, long Milliseconds, string Cause, string Waiting = "")
{
    /// <summary>The row.</summary>
    public static CommandRow Row(RoundView view) => CommandRow.Of(
        ("round", (long)view.Number), ("phase", view.Phase), ("accepted", (long)view.AcceptedCount), ("dropped", (long)view.DroppedCount),
        ("invited", (long)view.InvitedCount), ("quorum", (long)view.Quorum), ("milliseconds", view.PhaseMilliseconds.Sum(p => p.Milliseconds)),
        ("waiting", view.Waiting), ("cause", view.Cause));

    /// <summary>The row of <c>round show</c>.</summary>
    public static CommandRow Details(RoundView view) => CommandRow.Of(
        ("round", (long)view.Number), ("phase", view.Phase), ("invited", view.Invited), ("quorum", (long)view.Quorum),
        ("accepted", view.Accepted.Select(a => $"{a.Client} {a.Digest} {a.Samples} samples").ToArray()),
        ("dropped", view.Dropped.Select(d => $"{d.Client}: {d.Reason}").ToArray()),
        ("aggregate", view.Aggregate), ("globalModel", view.GlobalModel), ("adapter", view.Adapter), ("injectionLoss", view.InjectionLoss),
        ("phaseMilliseconds", view.PhaseMilliseconds.Select(p => $"{p.Phase} {p.Milliseconds}").ToArray()), ("waiting", view.Waiting), ("cause", view.Cause));

    /// <summary>The row of <c>round replay</c>.</summary>
    public static CommandRow Replayed(ReplayView view) => CommandRow.Of(
        ("round", (long)view.Number), ("updates", (long)view.Updates), ("recorded", view.Recorded), ("computed", view.Computed),
        ("same", view.Computed.Length > 0 && view.Computed == view.Recorded), ("message", view.Message));

    /// <summary>A row of <c>round why</c>.</summary>
    public static CommandRow Line(StoryLine line) => CommandRow.Of(("time", DateTimeOffset.FromUnixTimeMilliseconds(line.At)), ("event", line.Text));
}
