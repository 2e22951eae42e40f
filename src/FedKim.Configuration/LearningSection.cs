using System.Collections.Immutable;
using FedKim.Learning;
using FedKim.Models.Encoders;

namespace FedKim.Configuration;

/// <summary>What a federation file says of learning: encoders, tasks, local training, injection.</summary>
internal static class LearningSection
{
    private const string ByCheckpoint = "auto", LocalTensors = "local-tensors", Personal = "personal";

    // As tensors are called, and what stands for any letters.
    private const string Marks = "-_.*";

    /// <summary>The plan, with what is wrong noted at its keys.</summary>
    /// <param name="federation">The section <c>federation</c>.</param>
    /// <param name="method">The method of the federation.</param>
    public static LearningPlan Read(Section federation, string method)
    {
        var encoders = federation.Child("encoders").Children()
            .ToImmutableSortedDictionary(e => e.Name, e => Encoder(e.Section), StringComparer.Ordinal);
        ImmutableArray<TaskPlan> tasks = [.. federation.Child("tasks").Children().Select(t => Task(t.Name, t.Section, [.. encoders.Keys]))];
        string[] training = [.. tasks.Where(task => task.Kind == TaskPlan.TrainingKind).Select(task => task.Name)];
        if (training.Length == 0)
            federation.Problem("tasks", "has no task of kind training; there is nothing to learn.");
        var chosen = federation.Texts("training-tasks", training, fallback: training);
        if (chosen.IsEmpty && training.Length > 0)
            federation.Problem("training-tasks", "is empty; there is nothing to learn.");
        CheckPatients(federation, tasks);
        PlanContradictions.Note(federation, tasks, encoders);
        SourceSection.CheckVariableSets(federation.Child("variables"));
        var plan = new LearningPlan
        {
            Tasks = tasks,
            Encoders = encoders,
            Local = Local(federation.Child("local")),
            Injection = Injection(federation.Child("injection"), method),
            Controls = federation.Flag("controls", false),
            LocalTensors = Staying(federation),
            Personal = OwnModel(federation),
        };
        plan = plan.TrainingOnly(chosen);
        CheckSites(federation, method, plan);
        return plan;
    }

    /// <summary>The names of what stays at the sites; null for none.</summary>
    private static ImmutableArray<string>? Staying(Section federation)
    {
        if (!federation.Has(LocalTensors))
            return null;
        var names = federation.Texts(LocalTensors);
        foreach (string name in names.Where(name => name.Length is 0 or > 200 || !name.All(c => char.IsAsciiLetterOrDigit(c) || Marks.Contains(c, StringComparison.Ordinal))))
            federation.Problem(LocalTensors, $"contains \"{name}\"; names of tensors have letters, digits, dots, hyphens and underscores, and * stands for any of them, as in *.norm.*.");
        return names.IsEmpty ? null : [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private static PersonalPlan? OwnModel(Section federation)
    {
        if (!federation.Has(Personal))
            return null;
        var (section, fallback) = (federation.Child(Personal), new PersonalPlan());
        var plan = new PersonalPlan
        {
            Steps = section.Number("steps", 1, 1_000_000, fallback.Steps),
            Lambda = section.Number("lambda", 0.0, 1e3, fallback.Lambda),
            LearningRate = section.Number("learning-rate", 0.0, 10.0, fallback.LearningRate),
        };
        // Each step leaves 1 − η λ of what lies between the site's model and the global one.
        if (plan.Lambda * plan.LearningRate >= 2)
            section.Problem("lambda", $"is {plan.Lambda}, by which steps of learning-rate {plan.LearningRate} swing ever farther about the global model. Keep their product below 2; at 1 nothing is left of the site's own.");
        return plan;
    }

    /// <summary>What is a site's own needs sites, and leaves something to learn together. Which tensors there are shows when the first model is there.</summary>
    private static void CheckSites(Section federation, string method, LearningPlan plan)
    {
        if (Method.All.Any(m => m.Name == method && m.PublicOnly))
        {
            foreach (string key in ((string[])[LocalTensors, Personal]).Where(federation.Has))
                federation.Problem(key, $"is of no use to {method}, which trains at no site. Take it out.");
            return;
        }

        var together = plan.Parts().Values.SelectMany(tasks => tasks).ToHashSet(StringComparer.Ordinal);
        if (plan.LocalTensors is not null && plan.Training.FirstOrDefault(task => !together.Contains(task.Name)) is { } alone)
            federation.Problem(LocalTensors, $"keeps all that task {alone.Name} trains at the sites: nothing of it would be learned together. Take a name out of it, or the task out of training-tasks.");
    }

    private static EncoderPlan Encoder(Section section)
    {
        var fallback = new EncoderPlan { Name = "" };
        var encoder = new EncoderPlan
        {
            Name = section.Choice("name", EncoderRegistry.Known.Names, remedy: FederationFile.OfAPackage),
            Width = section.Number("width", 1, 8192, fallback.Width),
            Depth = section.Number("depth", 1, 128, fallback.Depth),
            Heads = section.Number("heads", 1, 128, fallback.Heads),
            Patch = section.Number("patch", 1, 1024, fallback.Patch),
            Tokens = section.Number("tokens", 1, 4096, fallback.Tokens),
            Normalisation = section.Choice("normalisation", [ByCheckpoint, EncoderPlan.Own, EncoderPlan.ImageNet], ByCheckpoint) is var chosen && chosen == ByCheckpoint ? null : chosen,
            Checkpoint = section.Text("checkpoint", FederationFile.None) is var file && file == FederationFile.None ? null : file,
        };
        if (encoder.Checkpoint is not null && encoder.Name is not ("deit" or "deit-distilled"))
            section.Problem("checkpoint", $"is \"{encoder.Checkpoint}\", but only deit and deit-distilled start from published weights. Leave it out.");
        if (encoder.Width % encoder.Heads != 0)
            section.Problem("heads", $"is {encoder.Heads}, which does not divide the width {encoder.Width}. Choose a divisor of the width.");
        return encoder;
    }

    private static TaskPlan Task(string name, Section section, IReadOnlyList<string> modalities)
    {
        var answers = section.Texts("answers", fallback: ["Answer: No", "Answer: Yes"]);
        if (answers.Length != 2 || answers[0] == answers[1])
            section.Problem("answers", "must be the negative and the positive answer, in this order.");
        string kind = section.Choice("kind", [TaskPlan.TrainingKind, TaskPlan.ZeroShotKind]);
        string answering = section.Choice("answering", [TaskPlan.YesOrNo, TaskPlan.Generated], TaskPlan.YesOrNo);
        if (kind == TaskPlan.TrainingKind && answering == TaskPlan.Generated)
            section.Problem("answering", $"is {TaskPlan.Generated}, which goes with {TaskPlan.ZeroShotKind} tasks only; a decoder learns {TaskPlan.YesOrNo}.");
        return new TaskPlan
        {
            Name = name,
            Kind = kind,
            Modalities = section.Texts("modalities", modalities),
            Source = SourceSection.Read(section.Child("source")),
            Prompt = section.Text("prompt"),
            TaskDescription = section.Text("task-description"),
            ModalityDescription = section.Text("modality-description"),
            Answers = answers,
            Answering = answering,
            MostTokens = section.Number("most-tokens", 1, 4096, 16),
        };
    }

    /// <summary>Nobody may be known under two pools, and only what is never trained on can keep its patients for the test.</summary>
    private static void CheckPatients(Section federation, ImmutableArray<TaskPlan> tasks)
    {
        foreach (var task in tasks)
        {
            string source = $"tasks.{task.Name}.source";
            if (task.Source.HeldOut && task.Kind != TaskPlan.ZeroShotKind)
                federation.Problem($"{source}.held-out", "is on, but the task is trained; only a zero-shot task keeps its patients for the test.");
            if (task.Source.PatientsOf is { Length: > 0 } path && !tasks.Any(other => other.Source.Path == path && other.Source.Pool == path))
                federation.Problem($"{source}.patients-of", $"is \"{path}\"; it must be the path of another task's source whose patients are its own.");
            if (tasks.FirstOrDefault(other => other.Source.Path == task.Source.Path && other.Source.Pool != task.Source.Pool) is { } one)
                federation.Problem($"{source}.patients-of", $"is not what {one.Name} says of the same path; say the same in both.");
        }
    }

    private static LocalPlan Local(Section section)
    {
        var fallback = new LocalPlan();
        return new LocalPlan
        {
            Epochs = section.Number("epochs", 1, 1000, fallback.Epochs),
            BatchSize = section.Number("batch-size", 1, 65536, fallback.BatchSize),
            LeastBatch = section.Number("least-batch", 0, 65536, fallback.LeastBatch),
            Augmentation = section.Number("augmentation", 0.0, 1.0, fallback.Augmentation),
            LearningRate = section.Number("learning-rate", 0.0, 10.0, fallback.LearningRate),
            Clip = section.Number("clip", 1e-6, 1e6, fallback.Clip),
            Proximal = section.Number("proximal", 0.0, 1e3, fallback.Proximal),
            Threads = section.Number("threads", 1, 256, fallback.Threads),
            BalanceLabels = section.Flag("balance-labels", fallback.BalanceLabels),
            CheckpointEvery = section.Number("checkpoint-every", 1, 1_000_000, fallback.CheckpointEvery),
        };
    }

    private static InjectionPlan Injection(Section section, string method)
    {
        var fallback = new InjectionPlan();
        return new InjectionPlan
        {
            FoundationModel = section.Text("foundation-model", fallback.FoundationModel),
            Method = method,
            Experts = section.Number("experts", 1, 256, fallback.Experts),
            Rank = section.Number("rank", 1, 1024, fallback.Rank),
            RouterSoftmax = section.Flag("router-softmax", fallback.RouterSoftmax),
            RouterNormalised = section.Flag("router-normalised", fallback: true),
            Steps = section.Number("steps", 0, 1_000_000, fallback.Steps),
            BatchSize = section.Number("batch-size", 1, 65536, fallback.BatchSize),
            PublicShare = section.Share("public-share", 1) is < 1 and double share ? share : null,
            Augmentation = section.Number("augmentation", 0.0, 1.0, fallback.Augmentation),
            Distillation = section.Number("distillation", 0.0, 1.0, fallback.Distillation),
            MicroBatch = section.Number("micro-batch", 0, 65536, fallback.MicroBatch),
            ActivationCheckpointing = section.Choice(
                "activation-checkpointing", [InjectionPlan.On, InjectionPlan.Off, InjectionPlan.Auto], fallback.ActivationCheckpointing),
            LearningRate = section.Number("learning-rate", 0.0, 10.0, fallback.LearningRate),
            EncoderRate = section.Number("encoder-rate", 0.0, 1.0, fallback.EncoderRate),
            WeightDecay = section.Number("weight-decay", 0.0, 10.0, fallback.WeightDecay),
            BalanceLabels = section.Flag("balance-labels", fallback.BalanceLabels),
            WarmUp = section.Number("warm-up", 0, 1_000_000, fallback.WarmUp),
            Clip = section.Number("clip", 1e-6, 1e6, fallback.Clip),
            CheckpointEvery = section.Number("checkpoint-every", 1, 1_000_000, fallback.CheckpointEvery),
            Threads = section.Number("threads", 1, 256, fallback.Threads),
        };
    }
}
