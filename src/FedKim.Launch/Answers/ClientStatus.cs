using FedKim.Commands.Answers;
using FedKim.Protocol.Messages;

namespace FedKim.Launch.Answers;

/// <summary>A row of <c>client list</c>.</summary>
public sealed record ClientStatus(
    string Client, bool Present, string Standing, string Activity, string Round, long Done, long Total, double Loss, string Problem)
{
    /// <summary>The row of a client.</summary>
    public static CommandRow Row(ClientView view) => CommandRow.Of(
        ("client", view.Client), ("present", view.Present), ("standing", view.Standing), ("activity", view.Status.Activity),
        ("problem", ProblemOf(view)), ("round", view.Status.Round), ("done", view.Status.Done), ("total", view.Status.Total), ("loss", view.Status.Loss),
        ("trained", (long)view.Status.Trained), ("node", view.Node), ("clock", view.Clock),
        ("data", view.Status.DataChanged.Length == 0 ? "" : $"changed in {view.Status.DataChanged}"), ("packages", view.Packages), ("silent", view.Silent));

    private static string ProblemOf(ClientView view) => view.Refused.Length == 0 ? view.Status.Problem
        : $"a second node, {view.Refused}, bears this site's name and is refused{(view.Status.Problem.Length > 0 ? $"; {view.Status.Problem}" : "")}";
}
