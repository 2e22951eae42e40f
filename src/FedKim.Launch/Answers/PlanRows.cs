using System.Text.Json;
using FedKim.Actors.Hospital.Plans;
using FedKim.Commands.Answers;

namespace FedKim.Launch.Answers;

/// <summary>A plan as a hospital's people read it before they say their word.</summary>
internal static class PlanRows
{
    private const int MostTasks = 80;

    /// <summary>A row of <c>plan list</c>.</summary>
    public static CommandRow Row(PlanView plan) => CommandRow.Of(
        ("federation", plan.Federation), ("plan", plan.Digest[..PlanDigits.Least]), ("state", State(plan)), ("seen", plan.Seen), ("askedBy", plan.AskedBy),
        ("tasks", Cut(PlanLines.Of(plan.Learning).Tasks)), ("reason", plan.Reason));

    /// <summary>The rows of <c>plan show</c>; the last is the word that can be said of exactly this plan.</summary>
    public static IReadOnlyList<CommandRow> Of(PlanView plan) =>
    [
        Row("federation", plan.Federation),
        Row("plan", plan.Digest),
        Row("state", State(plan)),
        .. plan.Reason.Length > 0 ? [Row("reason", plan.Reason)] : Array.Empty<CommandRow>(),
        Row("asked by", $"{plan.AskedBy}, first at {plan.Seen.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z"),
        Row("strategy", $"{PlanLines.Quoted(plan.Strategy)}, seed {plan.Seed}"),
        .. PlanLines.Of(plan.Learning).Lines.Select(line => Row(line.What, line.Text)),
        Row("all of it", $"pbm plan text --plan {plan.Digest}"),
        plan.Word == PlanWord.Approved ? Row("refuse", $"pbm plan refuse --plan {plan.Digest}") : Row("approve", $"pbm plan approve --plan {plan.Digest}"),
    ];

    /// <summary>All that a plan's digest is of, as JSON.</summary>
    public static string Whole(PlanView plan) => JsonSerializer.Serialize(new { plan.Federation, plan.Seed, plan.Strategy, plan.Learning }, JsonSerializerOptions.Web);

    private static CommandRow Row(string what, string text) => CommandRow.Of(("what", what), ("text", text));

    private static string State(PlanView plan) => (plan.Verdict, plan.Word) switch
    {
        (PlanVerdict.Train, PlanWord.Approved) => "approved",
        (PlanVerdict.Train, _) => "trained for, as this node's file says",
        (PlanVerdict.Wait, _) => "waits for this site's word",
        (_, PlanWord.Refused) => "refused",
        _ => "refused, as this node's file says",
    };

    private static string Cut(string tasks) => tasks.Length <= MostTasks ? tasks : $"{tasks[..MostTasks]}…";
}
