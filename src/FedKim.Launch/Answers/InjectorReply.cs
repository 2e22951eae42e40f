using FedKim.Commands.Answers;
using FedKim.Protocol.Messages;

namespace FedKim.Launch.Answers;

/// <summary>The row of <c>injector show</c>.</summary>
public sealed record InjectorReply(bool Present, string Activity, string Work, long Done, long Total, double Loss, string Problem)
{
    /// <summary>The row.</summary>
    public static CommandRow Row(InjectorView view) => CommandRow.Of(
        ("present", view.Present), ("activity", view.Status.Activity), ("work", view.Status.Work), ("done", view.Status.Done),
        ("total", view.Status.Total), ("loss", view.Status.Loss), ("problem", view.Status.Problem), ("node", view.Node));
}
