using System.Collections.Immutable;
using System.Text.Json;
using FedKim.Actors.Hospital.Plans;
using FedKim.Commands.Answers;
using FedKim.Data;
using FedKim.Learning;
using FedKim.Learning.Rehearsal;

namespace FedKim.Launch.Answers;

/// <summary>A plan as a hospital's people read it before they say their word: what is read here, and what leaves the site.</summary>
internal static class PlanRows
{
    // A setting is called as in the federation file.
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower };

    /// <summary>A row of <c>plan list</c>.</summary>
    public static CommandRow Row(PlanView plan) => CommandRow.Of(
        ("federation", plan.Federation), ("plan", plan.Digest[..12]), ("state", State(plan)), ("seen", plan.Seen), ("askedBy", plan.AskedBy),
        ("tasks", string.Join(", ", TasksOf(plan.Learning))), ("reason", plan.Reason));

    /// <summary>The rows of <c>plan show</c>.</summary>
    public static IReadOnlyList<CommandRow> Of(PlanView plan) =>
    [
        Row("federation", plan.Federation),
        Row("plan", plan.Digest),
        Row("state", State(plan)),
        .. plan.Reason.Length > 0 ? [Row("reason", plan.Reason)] : Array.Empty<CommandRow>(),
        Row("asked by", $"{plan.AskedBy}, first at {plan.Seen.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z"),
        Row("strategy", $"{plan.Strategy}, seed {plan.Seed}"),
        .. Reads(plan.Learning).Select(line => Row("reads", line)),
        .. Leaves(plan.Learning).Select(line => Row("leaves", line)),
    ];

    private static CommandRow Row(string what, string text) => CommandRow.Of(("what", what), ("text", text));

    private static string State(PlanView plan) => (plan.Verdict, plan.Word) switch
    {
        (PlanVerdict.Train, PlanWord.Approved) => "approved",
        (PlanVerdict.Train, _) => "trained for, as this node's file says",
        (PlanVerdict.Wait, _) => "waits for this site's word",
        (_, PlanWord.Refused) => "refused",
        _ => "refused, as this node's file says",
    };

    private static IEnumerable<string> TasksOf(string learning) => Read(learning)?.Training.Select(task => task.Name) ?? [];

    private static IEnumerable<string> Reads(string learning)
    {
        if (IsRehearsal(learning))
            return ["nothing: a rehearsal"];
        if (Read(learning) is not { } plan)
            return ["this version cannot read the plan, and so cannot train for it either"];
        return plan.Training.Select(task => $"task {task.Name} ({string.Join(", ", task.Modalities)}) by {task.Source.Reader}: {Settings(task.Source)}");
    }

    // Files, folders and columns: what its reader minds, where anything is written.
    private static string Settings(TaskSource source)
    {
        var minded = (DataSet.Readers.Find(source.Reader) is { } reader ? SourceKey.Of(reader) : SourceKey.All).Select(key => key.Name).ToHashSet(StringComparer.Ordinal);
        var written = JsonSerializer.SerializeToElement(source, Options).EnumerateObject()
            .Where(setting => minded.Contains(setting.Name) && setting.Name != "variables" && Text(setting.Value).Length > 0)
            .Select(setting => $"{setting.Name} = {Text(setting.Value)}");
        var columns = source.Variables.Select(part => $"{part.Key} from columns {string.Join(", ", part.Value.SelectMany(variable => variable.Columns))}");
        var own = (source.Settings ?? ImmutableSortedDictionary<string, string>.Empty).Select(setting => $"{setting.Key} = {setting.Value}");
        return string.Join("; ", written.Concat(columns).Concat(own));
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Text)),
        JsonValueKind.True => "on",
        JsonValueKind.Number when value.GetRawText() != "0" => value.GetRawText(),
        _ => "",
    };

    private static IEnumerable<string> Leaves(string learning) =>
    [
        $"each round, the trained parameters of {(Read(learning) is { } plan ? string.Join(", ", plan.Parts().Keys) : "the model that was sent")}",
        "each round, how many samples of each task were trained on, the mean training loss, and a fingerprint of the data under a key that stays here",
        "every second, what the node does: round, steps done, latest loss, and one of a fixed list of sentences where something is in its way",
    ];

    private static LearningPlan? Read(string learning)
    {
        try
        {
            return LearningPlan.Parse(learning);
        }
        catch (LearningException)
        {
            return null;
        }
    }

    private static bool IsRehearsal(string learning)
    {
        try
        {
            return RehearsalPlan.Is(learning);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
