using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using FedKim.Data;
using FedKim.Learning;
using FedKim.Learning.Rehearsal;
using FedKim.Parameters;

namespace FedKim.Launch.Answers;

/// <summary>
/// A learning plan in lines that a hospital's people read: what is trained how, what is read here, and what leaves. It came from outside: a plan
/// that cannot be read has one line that says so, and no text in it can be taken for one of these lines' own.
/// </summary>
/// <param name="Tasks">The names of the tasks that are trained; empty where there are none, or the plan cannot be read.</param>
/// <param name="Lines">The lines, each with what it is about.</param>
internal sealed record PlanLines(string Tasks, ImmutableArray<(string What, string Text)> Lines)
{
    // A setting is called as in the federation file.
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower };

    /// <summary>The text of a plan's JSON.</summary>
    public static PlanLines Of(string learning)
    {
        try
        {
            return RehearsalPlan.Is(learning)
                ? new PlanLines("", [("reads", "nothing: a rehearsal"), .. Leaves("the model that was sent")])
                : Of(LearningPlan.Parse(learning));
        }
        catch (Exception)
        {
            // Whatever is wrong with what somebody else wrote: it must not hide the other plans.
            return new PlanLines("", [("reads", "this version cannot read the plan, and so cannot train for it either"), .. Leaves("the model that was sent")]);
        }
    }

    /// <summary>Another's text: as it is where it is but letters, digits and what names are made of, and else in quotation marks.</summary>
    public static string Quoted(string text) => text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./".Contains(letter, StringComparison.Ordinal))
        ? text
        : $"\"{text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static PlanLines Of(LearningPlan plan)
    {
        TaskPlan[] tasks = [.. plan.Training];
        return new PlanLines(Listed(tasks.Select(task => task.Name)),
        [
            ("trains", Trains(plan.Local)),
            .. plan.Encoders.Select(part => ("trains", Encoder(part.Key, part.Value))),
            .. tasks.Where(task => task.Prompt.Length > 0).Select(task =>
                ("asks", $"task {Quoted(task.Name)}: {Quoted(task.Prompt)}, with the answers {Listed(task.Answers)}")),
            .. tasks.Select(task => ("reads", $"task {Quoted(task.Name)} ({Listed(task.Modalities)}) by {Quoted(task.Source.Reader)}: {Settings(task.Source)}")),
            .. Own(plan.Personal),
            .. Leaves(Leaving(plan)),
        ]);
    }

    private static string Trains(LocalPlan local) => string.Create(CultureInfo.InvariantCulture,
        $"each round {local.Epochs} epochs in steps of {local.BatchSize} samples a task, at least {local.LeastBatch}; learning rate {local.LearningRate}, clip {local.Clip}, proximal {local.Proximal}, augmentation {local.Augmentation}, balance-labels {(local.BalanceLabels ? "on" : "off")}, {local.Threads} threads");

    private static IEnumerable<(string, string)> Own(PersonalPlan? personal) => personal is null ? [] :
    [
        ("trains", string.Create(CultureInfo.InvariantCulture,
            $"each round {personal.Steps} steps of a model of this site's own, which stays here: lambda {personal.Lambda}, learning rate {personal.LearningRate}")),
    ];

    private static string Leaving(LearningPlan plan)
    {
        var parts = plan.Parts();
        string sent = Listed(parts.Keys.Where(part => !parts.Stays(part)));
        return plan.LocalTensors is { } local ? $"{sent}, without those called {Listed(local)}, which stay here" : sent;
    }

    private static string Encoder(string modality, EncoderPlan encoder) => string.Create(CultureInfo.InvariantCulture,
        $"encoder {Quoted(modality)}: {Quoted(encoder.Name)}, width {encoder.Width}, depth {encoder.Depth}, heads {encoder.Heads}, patch {encoder.Patch}, tokens {encoder.Tokens}");

    // Files, folders and columns: what its reader minds, where anything is written. Groups are read at the server alone.
    private static string Settings(TaskSource source)
    {
        var minded = (DataSet.Readers.Find(source.Reader) is { } reader ? SourceKey.Of(reader) : SourceKey.All).Select(key => key.Name).ToHashSet(StringComparer.Ordinal);
        var written = JsonSerializer.SerializeToElement(source.WithoutGroups(), Options).EnumerateObject()
            .Where(setting => minded.Contains(setting.Name) && setting.Name != "variables" && Text(setting.Value).Length > 0)
            .Select(setting => $"{setting.Name} = {Text(setting.Value)}");
        var columns = source.Variables.Select(part => $"{Quoted(part.Key)} from columns {Listed(part.Value.SelectMany(variable => variable.Columns))}");
        var own = (source.Settings ?? ImmutableSortedDictionary<string, string>.Empty).Select(setting => $"{Quoted(setting.Key)} = {Quoted(setting.Value)}");
        return string.Join("; ", written.Concat(columns).Concat(own));
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when value.GetString() is { Length: > 0 } text => Quoted(text),
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Text)),
        JsonValueKind.True => "on",
        JsonValueKind.Number when value.GetRawText() != "0" => value.GetRawText(),
        _ => "",
    };

    private static ImmutableArray<(string, string)> Leaves(string parts) =>
    [
        ("leaves", $"each round, the trained parameters of {parts}"),
        ("leaves", "each round, how many samples of each task were trained on, the mean training loss, and a fingerprint of the data under a key that stays here"),
        ("leaves", "every second, what the node does: round, steps done, latest loss, trainings finished, the round in which its data changed, what its clock shows, a name of its work folder, a print of the packages loaded, and one of a fixed list of sentences where something is in its way"),
    ];

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names.Select(Quoted));
}
