using FedKim.Commands;
using FedKim.Protocol;

namespace FedKim.Node.Answers;

/// <summary>The row of <c>federation status</c>.</summary>
internal sealed record FederationStatus(string Federation, string Phase, int Rounds, int CommittedRounds, int OpenRound, string Cause, string Waiting = "")
{
    public static CommandRow Row(FederationView view) => CommandRow.Of(
        ("federation", view.Federation), ("phase", view.Phase), ("rounds", (long)view.Rounds), ("committedRounds", (long)view.CommittedRounds),
        ("openRound", (long)view.OpenRound), ("seed", view.Seed), ("strategy", view.Strategy), ("method", view.Method), ("invited", view.Invited),
        ("quorum", (long)view.Quorum), ("globalModel", view.GlobalModel), ("adapter", view.Adapter), ("coordinator", view.Coordinator), ("epoch", (long)view.Epoch), ("waiting", view.Waiting), ("cause", view.Cause));

    /// <summary>A row of <c>federation list</c>.</summary>
    public static CommandRow Summary(FederationView view) => CommandRow.Of(
        ("federation", view.Federation), ("phase", view.Phase), ("committedRounds", (long)view.CommittedRounds), ("rounds", (long)view.Rounds),
        ("method", view.Method), ("seed", view.Seed), ("invited", (long)view.InvitedCount), ("globalModel", view.GlobalModel), ("cause", view.Cause));

    /// <summary>The answer to who submitted it.</summary>
    public static CommandRow Submitted(FederationView view) => CommandRow.Message(
        Sentence(view) + (view.Phase is "Completed" or "Failed" ? ". It was submitted before; under another name it runs again." : ""));

    /// <summary>The answer to who stopped it.</summary>
    public static CommandRow Stopped(FederationView view) => CommandRow.Message(Sentence(view));

    private static string Sentence(FederationView view) =>
        $"Federation {view.Federation} is {view.Phase}, {view.CommittedRounds} of {view.Rounds} rounds committed{(view.Cause.Length > 0 ? $": {view.Cause}" : "")}";
}
