using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>
/// What a federation learns and how: tasks, encoder sizes, local training, injection. Written in the federation file, carried as JSON
/// through journal and wire, so that every site reads exactly the same plan.
/// </summary>
public sealed record LearningPlan
{
    /// <summary>The tasks, in ordinal order of their names.</summary>
    public required ImmutableArray<TaskPlan> Tasks { get; init; }

    /// <summary>Encoders by modality.</summary>
    public required ImmutableSortedDictionary<string, EncoderPlan> Encoders { get; init; }

    /// <summary>Local training at the hospitals.</summary>
    public LocalPlan Local { get; init; } = new();

    /// <summary>Injection at the server.</summary>
    public InjectionPlan Injection { get; init; } = new();

    /// <summary>Whether the evaluation also measures what lacks one thing that the model has: see <see cref="Control"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Controls { get; init; }

    /// <summary>
    /// Names of tensors that stay at each site (FedBN, Li et al. 2021, arXiv 2102.07623), in ordinal order: of one tensor or all below it, with
    /// <c>*</c> for any letters. Null for none, as in plans made before there was a choice.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<string>? LocalTensors { get; init; }

    /// <summary>A model of its own for each site; null for none, as in plans made before there was a choice.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PersonalPlan? Personal { get; init; }

    /// <summary>The tasks that are learned, in ordinal order of their names.</summary>
    [JsonIgnore]
    public IEnumerable<TaskPlan> Training => Tasks.Where(t => t.Kind == TaskPlan.TrainingKind);

    /// <summary>
    /// Part of the global model → training tasks that train it, both in ordinal order: <c>encoder.&lt;modality&gt;</c> and
    /// <c>decoder.&lt;task&gt;</c>; and, with no tasks, what stays at the sites. This is what <see cref="Rounds.FederationPlan.Parts"/> wants.
    /// </summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>> Parts()
    {
        var local = LocalTensors ?? [];
        var trained = Trained();
        return trained.RemoveRange(trained.Keys.Where(part => local.Any(pattern => ModelParts.Covers(pattern, part))))
            .AddRange(local.Select(pattern => KeyValuePair.Create(pattern, ImmutableArray<string>.Empty)));
    }

    /// <summary>Whether the tensor of a name stays at the sites.</summary>
    public Func<string, bool> Staying() => Parts() is var parts && LocalTensors is null ? _ => false : tensor => parts.Stays(parts.PartOf(tensor));

    private ImmutableSortedDictionary<string, ImmutableArray<string>> Trained() =>
        Training.SelectMany(t => t.Modalities.Select(m => $"encoder.{m}").Append($"decoder.{t.Name}").Select(part => (Part: part, Task: t.Name)))
            .GroupBy(p => p.Part, p => p.Task, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(g => g.Key, g => g.Order(StringComparer.Ordinal).ToImmutableArray(), StringComparer.Ordinal);

    /// <summary>
    /// The plan that trains no tasks but these: others of kind training are left out, and with them the encoders that nobody trains any
    /// more and the zero-shot tasks that read these.
    /// </summary>
    /// <param name="training">Names of training tasks.</param>
    public LearningPlan TrainingOnly(IReadOnlyCollection<string> training)
    {
        var kept = Tasks.Where(t => t.Kind == TaskPlan.TrainingKind && training.Contains(t.Name)).ToArray();
        var modalities = kept.SelectMany(t => t.Modalities).ToHashSet(StringComparer.Ordinal);
        return this with
        {
            Tasks = [.. Tasks.Where(t => kept.Contains(t) || (t.Kind != TaskPlan.TrainingKind && t.Modalities.All(modalities.Contains)))],
            Encoders = Encoders.RemoveRange(Encoders.Keys.Where(m => !modalities.Contains(m))),
        };
    }

    /// <summary>The plan as canonical JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PlanJson.Options);

    /// <summary>The plan written as <paramref name="json"/>.</summary>
    /// <exception cref="LearningException">The text is no plan; the message names the place.</exception>
    public static LearningPlan Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<LearningPlan>(json, PlanJson.Options)
                ?? throw new LearningException("The learning plan is empty.", reason: SiteSentences.PlanUnreadable.Say());
        }
        catch (JsonException e)
        {
            throw new LearningException($"The learning plan cannot be read at {e.Path}: {e.Message}", e, SiteSentences.PlanUnreadable.Say());
        }
    }
}

/// <summary>A modality's encoder by name with its sizes; every encoder ends in features of the same width.</summary>
public sealed record EncoderPlan
{
    /// <summary><c>deit</c>, <c>deit-distilled</c>, <c>signal-cnn</c> or <c>clinical-transformer</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Width of the feature tokens.</summary>
    public int Width { get; init; } = 32;

    /// <summary>Layers or blocks.</summary>
    public int Depth { get; init; } = 2;

    /// <summary>Attention heads; must divide the width.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Patch edge in pixels, for images.</summary>
    public int Patch { get; init; } = 8;

    /// <summary>
    /// A published DeiT's weights that round 1 starts from, a safetensors file at the injector; a relative path starts where foundation
    /// models do. Null where round 1 starts from random weights.
    /// </summary>
    public string? Checkpoint { get; init; }

    /// <summary>
    /// How pictures are normalised: <see cref="Own"/>, or <see cref="ImageNet"/> as every published DeiT was trained. Null: as the
    /// checkpoint was trained where there is one, and else <see cref="Own"/>. A federation that starts from another's model says what that one was.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Normalisation { get; init; }

    /// <summary>Values of <see cref="Normalisation"/>.</summary>
    public const string Own = "own", ImageNet = "imagenet";

    /// <summary>Whether pictures are normalised as ImageNet's.</summary>
    internal bool SeesAsImageNet => (Normalisation ?? (Checkpoint is null ? Own : ImageNet)) == ImageNet;

    /// <summary>Feature tokens of a signal or a clinical table; an image has one a patch and the class token.</summary>
    public int Tokens { get; init; } = 4;
}

/// <summary>Local training (method §2).</summary>
public sealed record LocalPlan
{
    /// <summary>Epochs a round.</summary>
    public int Epochs { get; init; } = 2;

    /// <summary>Samples a step and task.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>
    /// Samples of a task that a step has at least, where the site has as many. A task with few samples starts over within an epoch then,
    /// instead of having batches of one or two. With 0 an epoch sees every sample once.
    /// </summary>
    public int LeastBatch { get; init; }

    /// <summary>How far samples vary by chance from step to step, 0 (not at all) to 1: see <see cref="Learning.Augmentation"/>.</summary>
    public double Augmentation { get; init; }

    /// <summary>Adam's learning rate.</summary>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>Bound of the gradient's global norm.</summary>
    public double Clip { get; init; } = 1.0;

    /// <summary>λ of FedProx, used when the strategy is <c>fedprox</c>.</summary>
    public double Proximal { get; init; } = 1e-4;

    /// <summary>
    /// Whether a task's loss weighs both labels alike, whatever their share at the site. A rare label is otherwise never answered by a
    /// decision at even odds.
    /// </summary>
    public bool BalanceLabels { get; init; }

    /// <summary>Steps before the first checkpoint; from then on they come as often as they cost at most 3 % of the time.</summary>
    public int CheckpointEvery { get; init; } = 20;

    /// <summary>Threads of libtorch; part of the result, so never "all cores".</summary>
    public int Threads { get; init; } = 1;
}

/// <summary>
/// Ditto (Li et al. 2021, arXiv 2012.04221): beside the global model w each site trains one of its own, v ← v − η (∇F(v) + λ (v − w)), and
/// says nothing of it.
/// </summary>
public sealed record PersonalPlan
{
    /// <summary>Steps a round, at least 1.</summary>
    public int Steps { get; init; } = 20;

    /// <summary>λ: how strongly it is drawn to the global model; with 0 each site learns alone.</summary>
    public double Lambda { get; init; } = 0.1;

    /// <summary>η.</summary>
    public double LearningRate { get; init; } = 0.01;
}

/// <summary>Injection (method §4).</summary>
public sealed record InjectionPlan
{
    /// <summary>Folder of the foundation model in the Hugging Face layout; relative paths start at the program's own folder.</summary>
    public string FoundationModel { get; init; } = "models/demo";

    /// <summary>FedKIM, a baseline or an ablation: see <see cref="Learning.Method"/>.</summary>
    public string Method { get; init; } = "fedkim";

    /// <summary>P, the number of experts.</summary>
    public int Experts { get; init; } = 12;

    /// <summary>r, an expert's rank.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Whether a softmax stands around the router's attention scores.</summary>
    public bool RouterSoftmax { get; init; } = true;

    /// <summary>
    /// Whether every token of a task's descriptions enters the router at a root mean square of 1. Federation files have it on; a plan that says
    /// nothing was made before there was a choice, and means off.
    /// </summary>
    public bool RouterNormalised { get; init; }

    /// <summary>Steps a round.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>Whether a step draws as many samples of either label, whatever their share in the public data.</summary>
    public bool BalanceLabels { get; init; }

    /// <summary>Samples a step; all of one task.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>
    /// The share of the public data's patients that is used, above 0 and below 1, with a few samples of either label at least; null for all of
    /// them, as in plans made before there was a choice.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PublicShare { get; init; }

    /// <summary>How far samples vary by chance from step to step, 0 (not at all) to 1: see <see cref="Learning.Augmentation"/>.</summary>
    public double Augmentation { get; init; }

    /// <summary>
    /// How far what the aggregated small models answer takes the place of the label, 0 to 1 (knowledge distillation, Hinton et al. 2015,
    /// arXiv 1503.02531): their decoders know far more patients than the server's public data has. 0 is the paper's loss.
    /// </summary>
    public double Distillation { get; init; }

    /// <summary>
    /// Samples that are computed at once, 0 for the whole batch; gradients are added up over the parts of a step. Part of the result's last
    /// bits, and no more: the loss is the mean over the step's answer tokens whatever the parts. An evaluation computes no more at once, and 64 at most.
    /// </summary>
    public int MicroBatch { get; init; }

    /// <summary>Values of <see cref="ActivationCheckpointing"/>.</summary>
    public const string On = "on", Off = "off", Auto = "auto";

    /// <summary>
    /// Whether the backward pass computes the foundation model's layers again instead of keeping what they computed: a third more time, far
    /// less memory, the same bits. <c>auto</c>: where it would keep more than 1 GiB and more than the foundation model itself takes.
    /// </summary>
    public string ActivationCheckpointing { get; init; } = Auto;

    /// <summary>AdamW's learning rate after warm-up.</summary>
    public double LearningRate { get; init; } = 5e-4;

    /// <summary>
    /// The encoders' learning rate as a share of <see cref="LearningRate"/>. They arrive trained on far more data than the server has, while
    /// the adapters start from nothing: below 1 the encoders keep what they know.
    /// </summary>
    public double EncoderRate { get; init; } = 1.0;

    /// <summary>Steps of linear warm-up, each round anew: the optimiser's moments start afresh with the aggregate.</summary>
    public int WarmUp { get; init; } = 20;

    /// <summary>AdamW's weight decay.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Bound of the gradient's global norm.</summary>
    public double Clip { get; init; } = 1.0;

    /// <summary>Steps before the first checkpoint; from then on they come as often as they cost at most 3 % of the time.</summary>
    public int CheckpointEvery { get; init; } = 10;

    /// <summary>Threads of libtorch; part of the result.</summary>
    public int Threads { get; init; } = 2;
}

internal static class PlanJson
{
    internal static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };
}
