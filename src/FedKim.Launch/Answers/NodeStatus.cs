using FedKim.Actors;
using FedKim.Commands;
using FedKim.Configuration;

namespace FedKim.Launch.Answers;

/// <summary>The answers of <c>node status</c> and <c>node work</c>.</summary>
public static class NodeStatus
{
    /// <summary>The row of <c>node status</c>.</summary>
    /// <param name="node">The node.</param>
    /// <param name="activity">What it does; null where it does nothing by itself, or starts.</param>
    public static CommandRow Row(NodeConfiguration node, Activity? activity) => CommandRow.Of(
        ("site", node.Site), ("roles", node.Roles.ToArray()), ("pid", (long)Environment.ProcessId), ("work", Path.GetFullPath(node.Work)),
        ("activity", activity?.Name ?? ""), ("on", activity?.Work ?? ""), ("problem", activity?.Problem ?? ""));

    /// <summary>A row of <c>node work</c>.</summary>
    public static CommandRow Work(RoundWork work) => CommandRow.Of(
        ("round", work.Round), ("trained", (long)work.Trained), ("updates", (long)work.Updates), ("sent", (long)work.Sent), ("bytes", work.Bytes), ("lastSent", work.LastSent));
}
