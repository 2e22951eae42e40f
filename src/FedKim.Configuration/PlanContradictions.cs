using System.Collections.Immutable;
using FedKim.Data;
using FedKim.Learning;
using FedKim.Models.Encoders;

namespace FedKim.Configuration;

/// <summary>
/// Where a federation file's encoders and tasks contradict each other: each of them may be right, and no model can be made of them together.
/// It shows when the file is read, not at a hospital.
/// </summary>
internal static class PlanContradictions
{
    /// <summary>Notes every contradiction with its key.</summary>
    /// <param name="federation">The file's section.</param>
    /// <param name="tasks">All tasks in it.</param>
    /// <param name="encoders">All encoders in it, by modality.</param>
    public static void Note(Section federation, ImmutableArray<TaskPlan> tasks, ImmutableSortedDictionary<string, EncoderPlan> encoders)
    {
        foreach (string modality in encoders.Keys.Where(modality => !IsName(modality)))
            federation.Problem($"encoders.{modality}", NameRule(modality));
        foreach (var task in tasks)
        {
            NoteTask(federation, task);
            NoteSource(federation, task);
            NoteSharedPeople(federation, task, tasks);
        }
        foreach (var (modality, encoder) in encoders)
            NoteEncoder(federation, modality, encoder, [.. tasks.Where(task => task.Modalities.Contains(modality))]);
    }

    private static void NoteTask(Section federation, TaskPlan task)
    {
        string at = $"tasks.{task.Name}";
        if (!IsName(task.Name))
            federation.Problem(at, NameRule(task.Name));
        if (task.Modalities.IsEmpty && federation.Has("encoders"))
            federation.Problem($"{at}.modalities", "is empty; name at least one of the encoders.");
        if (task.Modalities.GroupBy(m => m).FirstOrDefault(same => same.Count() > 1) is { } twice)
            federation.Problem($"{at}.modalities", $"names {twice.Key} {twice.Count()} times; name each once.");
        bool place = task.Prompt.Contains(TaskPlan.QuestionPlace, StringComparison.Ordinal);
        if (task.Source.AsksEach && !place && task.Prompt.Length > 0)
            federation.Problem($"{at}.prompt", $"does not say where the question goes, and {task.Source.Reader} asks about each sample on its own. Write {TaskPlan.QuestionPlace} there.");
        if (!task.Source.AsksEach && place)
            federation.Problem($"{at}.prompt", $"contains {TaskPlan.QuestionPlace}, but the samples of {task.Source.Reader} bring no questions of their own. Write out what is asked about all.");
        if (task is { Answering: TaskPlan.Generated, Kind: TaskPlan.ZeroShotKind, Source.AsksEach: false })
            federation.Problem($"{at}.answering", $"is {TaskPlan.Generated}, but the samples of {task.Source.Reader} bring no answers in words to compare with. Set it to {TaskPlan.YesOrNo}.");
        if (task.Answering == TaskPlan.YesOrNo && task.Source.AnswersInWords)
            federation.Problem($"{at}.source.questions", "lets questions in that are answered by other words than yes and no, but the task is answered yes-no. Set it to yes-no.");
    }

    private static void NoteSource(Section federation, TaskPlan task)
    {
        string at = $"tasks.{task.Name}.source";
        var source = task.Source;
        foreach (var (key, problem) in source.Problems())
            federation.Problem($"{at}.{key}", problem);
        if (source.OwnParts is { } own && source.Parts.FirstOrDefault(part => !own.Contains(part)) is { } unknown)
            federation.Problem($"{at}.parts", own.IsEmpty ? $"is of no use to {source.Reader}, which has no parts. Take it out." : $"contains \"{unknown}\"; allowed are {string.Join(", ", own)}.");
        if (source is { Split: SplitBy.Published, IsParted: false, Modality: not null })
            federation.Problem($"{at}.split", $"is published, but of what {source.Reader} reads it knows no parts that a publisher made. Take it out: people are dealt anew, by patient.");
        foreach (string modality in task.Modalities)
        {
            if (source.Modality?.Name is { } only && modality != only)
                federation.Problem($"tasks.{task.Name}.modalities", $"contains {modality}, but {source.Reader} reads {only} alone. Take {modality} out, or choose a reader that has it.");
            if (source.Modality?.Name is null && (!source.Variables.TryGetValue(modality, out var variables) || variables.IsEmpty))
                federation.Problem($"{at}.variables", $"says nothing for {modality}, which the task reads. Name its variables.");
        }
    }

    // Nobody could tell at dealing that two names are one person's.
    private static void NoteSharedPeople(Section federation, TaskPlan task, ImmutableArray<TaskPlan> tasks)
    {
        foreach (var other in tasks)
        {
            if (task.Source.SharedWith(other.Source) is { } shared)
            {
                federation.Problem($"tasks.{task.Name}.source.parts",
                    $"let in {shared}. {other.Name} reads these, too, so that somebody could be trained on in one task and measured with in the other. Leave them out by parts, or write shared-people = accepted.");
            }
        }
    }

    private static void NoteEncoder(Section federation, string modality, EncoderPlan encoder, ImmutableArray<TaskPlan> tasks)
    {
        string at = $"encoders.{modality}";
        // A task whose reader has no such modality was told so.
        TaskPlan[] readers = [.. tasks.Where(task => task.Source.Modality is { } kind && (kind.Name ?? modality) == modality)];
        foreach (var task in readers)
        {
            string[] fitting = Fitting(task.Source);
            if (fitting.Contains(encoder.Name))
                continue;
            federation.Problem($"{at}.name", $"is {encoder.Name}, but {task.Name} reads {task.Source.Modality?.Words} there. Choose {string.Join(" or ", fitting)}.");
            return;
        }
        if (readers.Length == 0)
            return;
        var first = readers[0];
        if (first.Source.Modality == Modality.Table && encoder.Width % 2 != 0)
            federation.Problem($"{at}.width", $"is {encoder.Width}; that of a {encoder.Name} must be even.");
        if (encoder.Name is "deit" or "deit-distilled" && first.Source.ImageSize % encoder.Patch != 0)
        {
            federation.Problem($"{at}.patch",
                $"is {encoder.Patch}, which does not divide the images' edge of {first.Source.ImageSize} pixels (tasks.{first.Name}.source.image-size). Choose a divisor of it.");
        }
        if (encoder.Normalisation is not null && first.Source.Modality != Modality.Image)
            federation.Problem($"{at}.normalisation", $"is {encoder.Normalisation}, but {first.Name} reads {first.Source.Modality?.Words} there, which come normalised. Leave it out.");
        foreach (var task in readers.Skip(1))
            NoteDifference(federation, modality, first, task);
        if (tasks.All(task => task.Kind != TaskPlan.TrainingKind))
            federation.Problem($"tasks.{first.Name}.modalities", $"contains {modality}, whose encoder no task of kind training trains. Add one that reads it, or take the modality out.");
    }

    private static void NoteDifference(Section federation, string modality, TaskPlan first, TaskPlan task)
    {
        string at = $"tasks.{task.Name}.source";
        if (task.Source.Modality == Modality.Image && task.Source.ImageSize != first.Source.ImageSize)
        {
            federation.Problem($"{at}.image-size",
                $"is {task.Source.ImageSize}, but that of {first.Name} is {first.Source.ImageSize}, and one encoder, {modality}, reads both. Give both the same.");
        }
        string[] own = Variables(task), others = Variables(first);
        if (!own.SequenceEqual(others))
        {
            federation.Problem($"{at}.variables.{modality}",
                $"are {List(own)}, but those of {first.Name} are {List(others)}, and one encoder reads both. Name the same in both, and give each its column.");
        }

        string[] Variables(TaskPlan of) => of.Source.Modality == Modality.Table && of.Source.Variables.TryGetValue(modality, out var found) ? [.. found.Select(v => v.Name)] : [];

        static string List(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names);
    }

    private static string[] Fitting(TaskSource source) => [.. EncoderRegistry.Known.All.Where(kind => kind.Reads == source.Modality).Select(kind => kind.Name)];

    // They become parts of tensors' names, which are split at dots.
    private static bool IsName(string name) => name.Length is > 0 and <= 63 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static string NameRule(string name) => $"is named \"{name}\"; a name has 1 to 63 letters, digits, hyphens and underscores.";
}
