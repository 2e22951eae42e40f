using FedKim.Commands;
using FedKim.Protocol;

namespace FedKim.Node.Answers;

/// <summary>The row of <c>federation status</c>.</summary>
internal sealed record FederationStatus(string Federation, string Phase, int Rounds, int CommittedRounds, int OpenRound, string Cause)
{
    public static CommandRow Row(FederationView view) => CommandRow.Of(
        ("federation", view.Federation), ("phase", view.Phase), ("rounds", (long)view.Rounds), ("committedRounds", (long)view.CommittedRounds),
        ("openRound", (long)view.OpenRound), ("seed", view.Seed), ("strategy", view.Strategy), ("method", view.Method), ("invited", view.Invited),
        ("quorum", (long)view.Quorum), ("globalModel", view.GlobalModel), ("adapter", view.Adapter), ("cause", view.Cause));
}
