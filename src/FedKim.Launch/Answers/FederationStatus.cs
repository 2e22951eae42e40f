using FedKim.Commands;
using FedKim.Protocol;

namespace FedKim.Launch.Answers;

/// <summary>The row of <c>federation status</c>.</summary>
public sealed record FederationStatus(string Federation, string Phase, int Rounds, int CommittedRounds, int OpenRound, string Cause, string Waiting = "")
{
    /// <summary>The row.</summary>
    public static CommandRow Row(FederationView view) => CommandRow.Of(
        ("federation", view.Federation), ("phase", view.Phase), ("rounds", (long)view.Rounds), ("committedRounds", (long)view.CommittedRounds),
        ("openRound", (long)view.OpenRound), ("seed", view.Seed), ("strategy", view.Strategy), ("method", view.Method), ("invited", view.Invited),
        ("quorum", (long)view.Quorum), ("globalModel", view.GlobalModel), ("adapter", view.Adapter), ("coordinator", view.Coordinator), ("epoch", (long)view.Epoch), ("waiting", view.Waiting), ("cause", view.Cause), ("removed", view.Removed));

    /// <summary>A row of <c>federation list</c>.</summary>
    public static CommandRow Summary(FederationView view) => CommandRow.Of(
        ("federation", view.Federation), ("phase", view.Phase), ("committedRounds", (long)view.CommittedRounds), ("rounds", (long)view.Rounds),
        ("method", view.Method), ("seed", view.Seed), ("invited", (long)view.InvitedCount), ("globalModel", view.GlobalModel), ("cause", view.Cause), ("removed", view.Removed));

    /// <summary>The row of <c>federation result</c>.</summary>
    public static CommandRow Result(FederationQueries.Result result) => CommandRow.Of(
        ("globalModel", result.GlobalModel), ("adapter", result.Adapter), ("weights", result.Weights));

    /// <summary>The answer to who removed it.</summary>
    public static CommandRow Removed(FederationView view) => CommandRow.Message(
        $"Federation {view.Federation} is removed: the servers delete its model and adapters. Its report stays in the journal, and its name stays taken");

    /// <summary>The answer to who submitted it.</summary>
    public static CommandRow Submitted(FederationView view) => CommandRow.Message(
        Sentence(view) + (view.Phase is "Completed" or "Failed" or "Stopped" ? ". It was submitted before; under another name it runs again." : ""));

    /// <summary>The answer to who stopped or resumed it.</summary>
    public static CommandRow Stopped(FederationView view) => CommandRow.Message(Sentence(view));

    private static string Sentence(FederationView view) =>
        $"Federation {view.Federation} is {view.Phase}, {view.CommittedRounds} of {view.Rounds} rounds committed{(view.Cause.Length > 0 ? $": {view.Cause}" : "")}";
}
