using System.Collections.Immutable;
using FedKim.Data;
using FedKim.Models.Encoders;
using FedKim.Rounds;
using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>Derives the model of a federation from its learning plan.</summary>
internal static class ModelPlan
{
    /// <summary>The encoders of the plan's modalities and a decoder for each training task.</summary>
    /// <exception cref="LearningException">The plan contradicts itself; the message names the key.</exception>
    internal static LocalModelSpec ModelSpec(this LearningPlan plan)
    {
        foreach (var task in plan.Tasks)
        {
            if (task.Kind is not (TaskPlan.TrainingKind or TaskPlan.ZeroShotKind))
                throw new LearningException($"federation.tasks.{task.Name}.kind is '{task.Kind}'. Known are: {TaskPlan.TrainingKind}, {TaskPlan.ZeroShotKind}.", reason: SiteSentences.PlanUnfit.Say());
            if (task.Modalities.FirstOrDefault(m => !plan.Encoders.ContainsKey(m)) is { } missing)
                throw new LearningException($"federation.tasks.{task.Name} reads modality '{missing}', but federation.encoders has no entry for it.", reason: SiteSentences.PlanUnfit.Say());
        }

        if (!plan.Training.Any())
            throw new LearningException("federation.tasks has no task of kind training.", reason: SiteSentences.PlanUnfit.Say());
        var encoders = plan.Encoders.ToImmutableSortedDictionary(e => e.Key, e => Encoder(plan, e.Key, e.Value), StringComparer.Ordinal);
        return new LocalModelSpec(encoders, [.. plan.Training.Select(t => new DecoderSpec(t.Name, t.Modalities))]);
    }

    /// <summary>The model of the plan.</summary>
    /// <exception cref="LearningException">The plan contradicts itself.</exception>
    internal static LocalModel CreateModel(this LearningPlan plan, Device? device = null)
    {
        var spec = plan.ModelSpec();
        try
        {
            return new LocalModel(spec, device);
        }
        // Of a package, whose code may lack something of its own.
        catch (Exception e) when (e is ArgumentException or FileNotFoundException or FileLoadException or TypeLoadException or MissingMemberException)
        {
            throw new LearningException($"federation.encoders cannot be built: {e.Message}", e, SiteSentences.PlanUnfit.Say());
        }
    }

    /// <summary>What a task's samples are read as.</summary>
    internal static TaskInput InputOf(this LearningPlan plan, TaskPlan task) =>
        new(task, [.. task.Modalities.Where(m => plan.Encoders.TryGetValue(m, out var encoder) && encoder.SeesAsImageNet)]);

    private static EncoderSpec Encoder(LearningPlan plan, string modality, EncoderPlan encoder)
    {
        var users = plan.Tasks.Where(t => t.Modalities.Contains(modality)).ToArray();
        if (!users.Any(t => t.Kind == TaskPlan.TrainingKind))
            throw new LearningException($"federation.encoders.{modality} is trained by no task. Remove it or add a training task that reads it.", reason: SiteSentences.PlanUnfit.Say());
        var inputs = users.Select(t => (t.Name, Input: Input(t, modality))).ToArray();
        if (inputs.FirstOrDefault(i => i.Input != inputs[0].Input) is { Name: not null } other)
        {
            throw new LearningException(
                $"federation.tasks.{other.Name} and {inputs[0].Name} share modality '{modality}' but read it in different sizes; give both the same image size and variables.", reason: SiteSentences.PlanUnfit.Say());
        }

        if (users.FirstOrDefault(t => !Variables(t, modality).SequenceEqual(Variables(users[0], modality))) is { } odd)
        {
            throw new LearningException(
                $"federation.tasks.{odd.Name} and {users[0].Name} share modality '{modality}' but read other variables ({string.Join(", ", Variables(odd, modality))} and {string.Join(", ", Variables(users[0], modality))}); name the same in both, and give each its column.", reason: SiteSentences.PlanUnfit.Say());
        }

        var (channels, size) = inputs[0].Input;
        return new EncoderSpec(encoder.Name, channels, size, encoder.Width, encoder.Depth, encoder.Heads, encoder.Patch, encoder.Tokens);
    }

    private static (int Channels, int Size) Input(TaskPlan task, string modality)
    {
        var source = task.Source;
        if (DataSet.Readers.Find(source.Reader) is not { } reader)
        {
            throw new LearningException(
                $"federation.tasks.{task.Name}.source.reader '{source.Reader}' is unknown. Known are: {string.Join(", ", DataSet.Readers.Names)}. "
                + "If a package of your own adds it, name its file in fedkim.extensions of this node's file.", reason: SiteSentences.UnknownName.Say(DataSet.Readers.Kind, source.Reader));
        }

        int size = reader.Modality == Modality.Image ? source.ImageSize : 0;
        if (reader.Modality.Channels > 0)
            return (reader.Modality.Channels, size);
        return source.Variables.TryGetValue(modality, out var variables)
            ? (variables.Length, size)
            : throw new LearningException($"federation.tasks.{task.Name}.source.variables has no entry for modality '{modality}'.", reason: SiteSentences.PlanUnfit.Say());
    }

    private static IEnumerable<string> Variables(TaskPlan task, string modality) =>
        task.Source.Variables.TryGetValue(modality, out var variables) ? variables.Select(v => v.Name) : [];
}
