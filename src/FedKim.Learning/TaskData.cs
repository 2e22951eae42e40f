using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using FedKim.Data;
using FedKim.Models.Encoders;
using FedKim.Rounds;
using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>A task's samples as tensors, ready to be drawn in batches; owns them.</summary>
internal sealed class TaskData : IDisposable
{
    private const long PrintedAtOnce = 1 << 24;

    private readonly TaskInput _input;

    private TaskData(TaskInput input, ImmutableArray<(string, ModalityBatch)> inputs, ImmutableArray<Sample> samples)
    {
        (_input, Inputs) = (input, inputs);
        Labels = [.. samples.Select(s => s.Label)];
        Questions = [.. samples.Select(s => s.Question)];
        Answers = [.. samples.Select(s => s.Answer)];
        Ids = [.. samples.Select(s => (s.Id, s.Patient))];
        Groups = [.. samples.Select(s => s.Group)];
    }

    /// <summary>All samples, by modality; this object stays their owner.</summary>
    internal ImmutableArray<(string Modality, ModalityBatch Tensors)> Inputs { get; }

    /// <summary>What each sample is called in its data set, and whose it is.</summary>
    internal ImmutableArray<(string Sample, string Patient)> Ids { get; }

    /// <summary>The group of each sample, for predictions alone; null where groups were not asked for.</summary>
    internal ImmutableArray<string?> Groups { get; }

    /// <summary>0 or 1 for each sample.</summary>
    internal ImmutableArray<int> Labels { get; }

    /// <summary>What is asked about each sample within the task's prompt: all of them are null, or none.</summary>
    internal ImmutableArray<string?> Questions { get; }

    /// <summary>Each sample's answer in words; null where its label says all.</summary>
    internal ImmutableArray<string?> Answers { get; }

    /// <summary>Whether every sample has a question of its own.</summary>
    internal bool AsksEach => Questions[0] is not null;

    /// <summary>Where batches are computed; the samples themselves stay in main memory.</summary>
    internal Device Device { get; set; } = CPU;

    /// <summary>Number of samples, above 0.</summary>
    internal int Count => Labels.Length;

    /// <summary>Reads a task's samples below a folder; null when it has none there.</summary>
    /// <param name="input">The task, and what its samples are read as.</param>
    /// <param name="folder">A site's data folder or one split of the server's.</param>
    /// <param name="site">Whose data it is, for messages.</param>
    /// <param name="warn">Told what of the data is no sample.</param>
    /// <param name="within">The folder out of which no link is followed; null for the same one.</param>
    /// <param name="share">The part of the samples that is used; null for all.</param>
    /// <param name="grouped">Whether the samples' groups are read, where the task's source names a column of them.</param>
    /// <exception cref="LearningException">The data cannot be used; the message names site, task and file.</exception>
    internal static TaskData? Read(TaskInput input, string folder, string site, Action<string> warn, string? within = null, PublicShare? share = null, bool grouped = false)
    {
        var task = input.Task;
        try
        {
            var set = DataSet.Read(grouped ? task.Source : task.Source.WithoutGroups(), folder, within);
            foreach (var reason in set?.LeftOut.GroupBy(left => left.Reason, StringComparer.Ordinal) ?? [])
                warn($"{site}: task {task.Name}: {reason.Count()} left out; the first in {reason.First().File}: {reason.Key}");
            foreach (string remark in set?.Remarks ?? [])
                warn($"{site}: task {task.Name}: {remark}");
            if (set is null || set.Samples.IsEmpty)
                return null;
            CheckWords(task, set.Samples, site);
            var samples = share?.Of(set.Samples) ?? set.Samples;
            using var scope = NewDisposeScope();
            var inputs = task.Modalities.Select(m => (m, Gather(samples, m, input, folder, site))).ToImmutableArray();
            return new TaskData(input, inputs, samples);
        }
        catch (DataException e)
        {
            throw LearningException.OfData(site, task.Name, e);
        }
    }

    /// <summary>The samples at these places; the caller's scope owns them.</summary>
    /// <param name="places">Their places.</param>
    /// <param name="augmentation">Varies them; null for the samples as they are.</param>
    internal IReadOnlyDictionary<string, ModalityBatch> Batch(int[] places, Augmentation? augmentation = null)
    {
        var index = tensor(places.Select(p => (long)p).ToArray());
        return Inputs.ToDictionary(
            i => i.Modality,
            i =>
            {
                var chosen = Coloured(Each(i.Tensors, all => all.index_select(0, index)), _input.NormalisationOf(i.Modality));
                return Each(augmentation?.Vary(i.Modality, places, chosen, _input.Kind) ?? chosen, part => part.to(Device));
            },
            StringComparer.Ordinal);
    }

    /// <summary>The labels at these places, int64 [batch], where batches are computed; the caller's scope owns them.</summary>
    internal Tensor LabelsAt(int[] places)
    {
        long[] labels = new long[places.Length];
        for (int i = 0; i < labels.Length; i++)
            labels[i] = Labels[places[i]];
        return tensor(labels, device: Device);
    }

    /// <summary>The samples' fingerprint under a key: inputs, labels, questions and answers, in their order.</summary>
    internal byte[] Print(byte[] key)
    {
        using var print = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        foreach (var (modality, tensors) in Inputs)
        {
            print.AppendData(Encoding.UTF8.GetBytes(modality));
            Append(tensors.Values);
            if (tensors.Measured is { } measured)
                Append(measured);
            if (tensors.Present is { } present)
                Append(present);
        }

        foreach (int label in Labels)
            print.AppendData(BitConverter.GetBytes(label));
        foreach (string? words in Questions.Concat(Answers))
            print.AppendData(Encoding.UTF8.GetBytes($"{words?.Length}:{words}"));
        return print.GetHashAndReset();

        // A span holds no more than two thousand million bytes.
        void Append(Tensor all)
        {
            using var scope = NewDisposeScope();
            print.AppendData(Encoding.UTF8.GetBytes(string.Join(',', all.shape)));
            long each = Math.Max(1, PrintedAtOnce / Math.Max(1, all.numel() / Math.Max(1, all.shape[0])));
            for (long start = 0; start < all.shape[0]; start += each)
                print.AppendData(all.narrow(0, start, Math.Min(each, all.shape[0] - start)).contiguous().bytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, tensors) in Inputs)
        {
            tensors.Values.Dispose();
            tensors.Measured?.Dispose();
            tensors.Present?.Dispose();
        }
    }

    // Of several means: here and not when the data are read, where grey pictures would take three times the memory.
    private static ModalityBatch Coloured(ModalityBatch batch, Normalisation? normalisation)
    {
        if (normalisation is not { Means.Length: > 1 and var channels })
            return batch;
        var (means, deviations) = (tensor(normalisation.Means.ToArray()), tensor(normalisation.Deviations.ToArray()));
        return batch with { Values = batch.Values.expand(-1, channels, -1, -1).sub(means.view(1, -1, 1, 1)).div(deviations.view(1, -1, 1, 1)) };
    }

    private static ModalityBatch Each(ModalityBatch batch, Func<Tensor, Tensor> make) => new(
        make(batch.Values), batch.Measured is { } measured ? make(measured) : null, batch.Present is { } present ? make(present) : null);

    private static void CheckWords(TaskPlan task, ImmutableArray<Sample> samples, string site)
    {
        if (samples.Any(s => s.Question is not null) && !task.AsksEach)
            throw new LearningException($"{site}: task {task.Name} asks about each sample on its own. Say in its prompt where the question stands: {TaskPlan.QuestionPlace}.", reason: SiteSentences.NoPlaceForQuestions.Say(task.Name));
        if (task.AsksEach && samples.FirstOrDefault(s => s.Question is null) is { } unasked)
        {
            throw new LearningException(
                $"{site}: task {task.Name}: sample {unasked.Id} brings no question for {TaskPlan.QuestionPlace} in the prompt. Write out what is asked about all.",
                reason: SiteSentences.NoQuestion.Say(task.Name));
        }

        if (task.Answering == TaskPlan.Generated && samples.FirstOrDefault(s => s.Answer is null) is { } mute)
        {
            throw new LearningException(
                $"{site}: task {task.Name}: sample {mute.Id} has no answer in words to compare a generated one with. Answer the task by {TaskPlan.YesOrNo}.",
                reason: SiteSentences.NoAnswer.Say(task.Name));
        }
    }

    private static ModalityBatch Gather(ImmutableArray<Sample> samples, string modality, TaskInput input, string folder, string site)
    {
        var (task, kind, normalisation) = (input.Task, input.Kind, input.NormalisationOf(modality));
        var values = samples.Select(s => s.Inputs.TryGetValue(modality, out var v)
            ? v
            : throw new LearningException(
                $"{site}: task {task.Name}: sample {s.Id} below {folder} has no modality '{modality}'.",
                reason: SiteSentences.NoModality.Say(task.Name, modality))).ToArray();
        int[] longest = new int[kind.Axes];
        foreach (var value in values)
        {
            for (int i = 0; i < Math.Min(longest.Length, value.Shape.Length); i++)
                longest[i] = Math.Max(longest[i], value.Shape[i]);
        }

        bool clinical = kind == Modality.Table;
        for (int i = 0; i < samples.Length; i++)
        {
            // Only the time axis of a clinical table may differ; everything else is one shape.
            if (values[i].Shape.Length != longest.Length || !values[i].Shape.AsSpan()[(clinical ? 1 : 0)..].SequenceEqual(longest.AsSpan(clinical ? 1 : 0)))
            {
                throw new LearningException(
                    $"{site}: task {task.Name}: sample {samples[i].Id} below {folder} has {modality} of shape [{string.Join(", ", values[i].Shape)}], others [{string.Join(", ", longest)}].",
                    reason: SiteSentences.OtherShape.Say(task.Name, modality));
            }

            if (values[i].Data.Length != values[i].Shape.Aggregate(1L, (product, n) => product * n) || (values[i].Mask?.Length ?? values[i].Data.Length) != values[i].Data.Length)
            {
                throw new LearningException(
                    $"{site}: task {task.Name}: sample {samples[i].Id} below {folder} has {values[i].Data.Length} values of {modality} in a shape of [{string.Join(", ", values[i].Shape)}].",
                    reason: SiteSentences.OtherShape.Say(task.Name, modality));
            }
        }

        int size = longest.Aggregate(1, (product, n) => product * n);
        float[] all = new float[(long)samples.Length * size];
        for (int i = 0; i < values.Length; i++)
            values[i].Data.CopyTo(all, (long)i * size);
        if (normalisation is { Means: [var mean], Deviations: [var deviation] })
        {
            for (long i = 0; i < all.LongLength; i++)
                all[i] = (all[i] - mean) / deviation;
        }

        long[] together = [samples.Length, .. longest.Select(n => (long)n)];
        var tensors = from_array(all).view(together);
        if (!clinical)
            return new ModalityBatch(tensors.DetachFromDisposeScope());

        float[] measured = new float[all.LongLength];
        bool[] present = new bool[(long)samples.Length * longest[0]];
        for (int i = 0; i < values.Length; i++)
        {
            for (int j = 0; j < values[i].Data.Length; j++)
                measured[((long)i * size) + j] = values[i].Mask?[j] ?? true ? 1 : 0;
            Array.Fill(present, true, i * longest[0], values[i].Shape[0]);
        }

        bool padded = Array.IndexOf(present, false) >= 0;
        return new ModalityBatch(
            tensors.DetachFromDisposeScope(),
            from_array(measured).view(together).DetachFromDisposeScope(),
            padded ? from_array(present).view(samples.Length, longest[0]).DetachFromDisposeScope() : null);
    }
}
