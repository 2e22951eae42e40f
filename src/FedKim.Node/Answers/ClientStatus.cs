using FedKim.Commands;
using FedKim.Protocol;

namespace FedKim.Node.Answers;

/// <summary>A row of <c>client list</c>.</summary>
internal sealed record ClientStatus(
    string Client, bool Present, string Standing, string Activity, string Round, long Done, long Total, double Loss, string Problem)
{
    public static CommandRow Row(ClientView view) => CommandRow.Of(
        ("client", view.Client), ("present", view.Present), ("standing", view.Standing), ("activity", view.Status.Activity),
        ("round", view.Status.Round), ("done", view.Status.Done), ("total", view.Status.Total), ("loss", view.Status.Loss),
        ("trained", (long)view.Status.Trained), ("problem", view.Status.Problem), ("node", view.Node));
}
