using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using FedKim.Data;
using FedKim.Learning;
using FedKim.Models.Encoders;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Configuration;

/// <summary>Reads federation files.</summary>
public static class FederationFile
{
    /// <summary>The method of a federation that learns nothing.</summary>
    public const string Rehearsal = "rehearsal";

    private const string None = "none";
    private const string OfAPackage = " If a package of your own adds it, name its file with --extension, or in fedkim.extensions of the node's file.";

    // Below one, or a moment would never hear of a round.
    private const double MostBeta = 0.999999;

    private static readonly string[] Methods = [.. Method.All.Select(m => m.Name), Rehearsal];
    private static readonly string[] Wordings = ["paraphrased", "template"];

    /// <summary>Reads and checks a federation file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">What the command line sets in its place.</param>
    /// <exception cref="InvalidConfigurationException">Something in it cannot be used.</exception>
    public static (FederationPlan Plan, string Text) Parse(string path, params ImmutableArray<Override> overrides)
    {
        var file = HoconFile.Read(path, overrides: overrides);
        return (Parse(file), file.Text);
    }

    /// <summary>Checks the text of a federation file from elsewhere.</summary>
    /// <exception cref="InvalidConfigurationException">Something in it cannot be used.</exception>
    public static FederationPlan ParseText(string text) => Parse(HoconFile.Of("submitted file", text));

    /// <summary>The sites that a federation file names, whether or not its method trains at them: those that data is dealt to.</summary>
    /// <param name="path">A file that was read before.</param>
    /// <param name="overrides">What the command line sets in its place.</param>
    public static ImmutableArray<string> Sites(string path, params ImmutableArray<Override> overrides) =>
        HoconFile.Read(path, overrides: overrides).Section("federation").Texts("clients");

    private static FederationPlan Parse(HoconFile file)
    {
        var federation = file.Section("federation");
        string method = federation.Choice("method", Methods, new InjectionPlan().Method);
        var (parts, learning) = method == Rehearsal ? Rehearse(federation.Child(Rehearsal)) : Learn(federation, method);
        var sites = Clients(federation);
        int quorum = Quorum(federation, sites.Length);
        bool publicOnly = Method.All.Any(m => m.Name == method && m.PublicOnly);
        string strategy = federation.Choice("strategy", Aggregation.Strategies.Names, remedy: OfAPackage);

        var plan = new FederationPlan
        {
            Id = new FederationId(Name(federation)),
            Seed = federation.Number<long>("seed", least: 0, most: long.MaxValue),
            Rounds = federation.Number("rounds", least: 1, most: 10_000),
            Clients = publicOnly ? [new ClientId(Method.PublicSite)] : sites,
            Quorum = publicOnly ? 1 : quorum,
            Deadline = federation.Duration("deadline"),
            Limits = Limits(federation.Child("limits")),
            Strategy = strategy,
            ServerOptimizer = Optimizer(federation, strategy),
            Weighting = federation.Choice("weighting", Aggregation.Weightings, "samples"),
            Method = method,
            Parts = parts,
            Learning = learning,
            MaxNorm = MaxNorm(federation.Child("update-checks")),
            Retries = federation.Number("retries", 0, 1000, 0),
            StartFrom = StartFrom(federation),
        };
        if (plan.Bytes > FederationPlan.MostBytes)
            federation.Problem("name", $"belongs to a plan of {plan.Bytes:N0} bytes, and sites can be told {FederationPlan.MostBytes:N0}. Give it fewer tasks or sites, or shorter texts.");
        file.Complete();
        return plan;
    }

    private static (ImmutableSortedDictionary<string, ImmutableArray<string>> Parts, string Plan) Rehearse(Section section)
    {
        var plan = new RehearsalPlan(
            section.Number("mebibytes", 1, 1024 * 1024), section.Number("milliseconds", 0, 3_600_000, 0), section.Number("stagger", 0, 3_600_000, 0));
        return (RehearsalPlan.Parts, plan.ToJson());
    }

    private static (ImmutableSortedDictionary<string, ImmutableArray<string>> Parts, string Plan) Learn(Section federation, string method)
    {
        var plan = Learning(federation, method);
        return (plan.Parts(), plan.ToJson());
    }

    private static string Name(Section federation)
    {
        string name = federation.Text("name");
        if (name.Length > 0 && !Names.IsValid(name))
            federation.Problem("name", $"is \"{name}\"; {Names.Rule}.");
        return name;
    }

    private static string StartFrom(Section federation)
    {
        string name = federation.Text("start-from", None);
        if (name == None)
            return "";
        if (!Names.IsValid(name) && !Path.IsPathFullyQualified(name))
            federation.Problem("start-from", $"is \"{name}\"; it must be the name of an earlier federation of the cluster, the whole path of an exported model's folder at the injector, or {None}.");
        return name;
    }

    private static ImmutableArray<ClientId> Clients(Section federation)
    {
        var names = federation.Texts("clients");
        foreach (string name in names.Where(name => !Names.IsValid(name)))
            federation.Problem("clients", $"contains \"{name}\"; {Names.Rule}.");
        foreach (var twice in names.GroupBy(name => name).Where(group => group.Count() > 1))
            federation.Problem("clients", $"names {twice.Key} {twice.Count()} times; name each site once.");
        if (names.IsEmpty && federation.Has("clients"))
            federation.Problem("clients", "is empty; invite at least one site.");
        return [.. names.Select(name => new ClientId(name)).Order()];
    }

    /// <summary>A number of sites, or a share of the invited ones, rounded up.</summary>
    private static int Quorum(Section federation, int clients)
    {
        string text = federation.Text("quorum");
        bool share = text.EndsWith('%');
        if (text.Length == 0 || clients == 0)
            return 1;
        if (!int.TryParse(text.TrimEnd('%', ' '), NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1 || (share && number > 100))
        {
            federation.Problem("quorum", $"is \"{text}\"; it must be a number of sites, 1 to {clients}, or a share of them such as 80 %.");
            return 1;
        }
        int quorum = share ? (clients * number + 99) / 100 : number;
        if (quorum > clients)
        {
            federation.Problem("quorum",
                $"is {quorum}, but the federation invites {clients} {(clients == 1 ? "site" : "sites")}. Lower the quorum or invite more sites.");
        }
        return quorum;
    }

    /// <summary>How long waits for the federation's own nodes may last; each as long as it takes where the file does not say.</summary>
    private static WaitLimits Limits(Section limits)
    {
        return new WaitLimits(Limit("first-model"), Limit("aggregation"), Limit("injection"), Limit("publication"), Limit("evaluation"));

        TimeSpan? Limit(string key) => limits.Has(key) ? limits.Duration(key) : null;
    }

    /// <summary>The constants of an adaptive strategy; null for another, which has no use for them.</summary>
    private static ServerOptimizer? Optimizer(Section federation, string strategy)
    {
        const string key = "server-optimizer";
        if (Aggregation.Recommended(strategy) is not { } fallback)
        {
            // A strategy that is none was reported as that, and may have been meant to use it.
            if (federation.Has(key) && federation.Text("strategy", "") == strategy)
            {
                federation.Problem(key,
                    $"is of no use to {strategy}. Take it out, or choose {string.Join(" or ", Aggregation.Strategies.All.Where(s => s.Recommended is not null).Select(s => s.Name))}.");
            }
            return null;
        }
        var section = federation.Child(key);
        bool fades = fallback.Beta2 > 0;
        if (!fades && section.Has("beta2"))
            section.Problem("beta2", $"is of no use to {strategy}, which forgets no round. Take it out.");
        return new ServerOptimizer(
            section.Number("learning-rate", 1e-6, 1e3, fallback.LearningRate),
            section.Number("beta1", 0.0, MostBeta, fallback.Beta1),
            fades ? section.Number("beta2", 0.0, MostBeta, fallback.Beta2) : 0,
            section.Number("tau", 1e-9, 1.0, fallback.Tau));
    }

    /// <summary>A bound above zero; infinity for <c>none</c>, and where nothing is said.</summary>
    private static double MaxNorm(Section checks)
    {
        string text = checks.Text("max-norm", None);
        if (text == None)
            return double.PositiveInfinity;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double bound) && bound > 0 && double.IsFinite(bound))
            return bound;
        checks.Problem("max-norm", $"is \"{text}\"; it must be a number above zero, or {None}.");
        return double.PositiveInfinity;
    }

    private static LearningPlan Learning(Section federation, string method)
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
        CheckVariableSets(federation.Child("variables"));
        var plan = new LearningPlan
        {
            Tasks = tasks,
            Encoders = encoders,
            Local = Local(federation.Child("local")),
            Injection = Injection(federation.Child("injection"), method),
        };
        return plan.TrainingOnly(chosen);
    }

    private static EncoderPlan Encoder(Section section)
    {
        var fallback = new EncoderPlan { Name = "" };
        var encoder = new EncoderPlan
        {
            Name = section.Choice("name", EncoderRegistry.Known.Names, remedy: OfAPackage),
            Width = section.Number("width", 1, 8192, fallback.Width),
            Depth = section.Number("depth", 1, 128, fallback.Depth),
            Heads = section.Number("heads", 1, 128, fallback.Heads),
            Patch = section.Number("patch", 1, 1024, fallback.Patch),
            Tokens = section.Number("tokens", 1, 4096, fallback.Tokens),
            Checkpoint = section.Text("checkpoint", None) is var file && file == None ? null : file,
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
            Source = Source(section.Child("source")),
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

    /// <summary>Sets of variables that tasks take over by <c>${federation.variables.NAME}</c>; those that none takes over must be right, too.</summary>
    private static void CheckVariableSets(Section sets)
    {
        foreach (var (_, modality) in sets.Children().SelectMany(set => set.Section.Children()))
            Variables(modality);
    }

    private static TaskSource Source(Section section)
    {
        var fallback = new TaskSource { Reader = "", Path = "" };
        string reader = section.Choice("reader", DataSet.Readers.Names, remedy: OfAPackage);
        return new TaskSource
        {
            Reader = reader,
            Path = section.Text("path"),
            Label = section.Text("label", fallback.Label),
            Csv = section.Text("csv", fallback.Csv),
            FileColumn = section.Text("file-column", fallback.FileColumn),
            PatientColumn = section.Text("patient-column", fallback.PatientColumn),
            Images = section.Text("images", fallback.Images),
            File = section.Text("file", fallback.File),
            Parts = section.Texts("parts", fallback: fallback.Parts),
            Lateral = section.Flag("lateral", fallback.Lateral),
            Uncertain = OneOf(section, "uncertain", fallback.Uncertain),
            Unmentioned = OneOf(section, "unmentioned", fallback.Unmentioned),
            Questions = OneOf(section, "questions", fallback.Questions),
            Language = section.Choice("language", ["en", "zh"], fallback.Language),
            OnBadSample = OneOf(section, "on-bad-sample", fallback.OnBadSample),
            ImageSize = section.Number("image-size", 1, 4096, fallback.ImageSize),
            PictureBits = section.Number("picture-bits", 0, 16, fallback.PictureBits),
            Downsample = section.Number("downsample", 1, 1000, fallback.Downsample),
            Records = section.Text("records", fallback.Records),
            Attribute = section.Text("attribute", fallback.Attribute),
            Wording = section.Choice("wording", Wordings, fallback.Wording),
            Hours = section.Number("hours", 1, 10_000, fallback.Hours),
            Variables = section.Child("variables").Children()
                .ToImmutableSortedDictionary(v => v.Name, v => Variables(v.Section), StringComparer.Ordinal),
            PatientsOf = section.Text("patients-of", fallback.PatientsOf),
            HeldOut = section.Flag("held-out", fallback.HeldOut),
            Settings = Settings(section, DataSet.Readers.Find(reader)),
        };
    }

    /// <summary>What a reader's own settings are set to; null for one that has none.</summary>
    private static ImmutableSortedDictionary<string, string>? Settings(Section source, IReader? reader)
    {
        if (reader is null or { Settings.IsEmpty: true })
            return null;
        var section = source.Child("settings");
        return reader.Settings.ToImmutableSortedDictionary(s => s.Key, s => section.Text(s.Key, s.Value), StringComparer.Ordinal);
    }

    private static T OneOf<T>(Section section, string key, T fallback) where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName)];
        int chosen = Array.IndexOf(names, section.Choice(key, names, names[Array.IndexOf(Enum.GetValues<T>(), fallback)]));
        return chosen < 0 ? fallback : Enum.GetValues<T>()[chosen];
    }

    private static ImmutableArray<Variable> Variables(Section modality) => [.. modality.Children().Select(v => Variable(v.Name, v.Section))];

    private static Variable Variable(string name, Section section)
    {
        var variable = new Variable(
            section.Text("column", name), section.Number("mean", double.MinValue, double.MaxValue), section.Number("deviation", 1e-9, double.MaxValue))
        {
            Name = name,
            Least = Bound("least"),
            Most = Bound("most"),
        };
        if (variable.Least > variable.Most)
            section.Problem("least", $"is {variable.Least}, above most, which is {variable.Most}.");
        return variable;

        double? Bound(string key) => section.Has(key) ? section.Number<double>(key, double.MinValue, double.MaxValue) : null;
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
            Steps = section.Number("steps", 0, 1_000_000, fallback.Steps),
            BatchSize = section.Number("batch-size", 1, 65536, fallback.BatchSize),
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
