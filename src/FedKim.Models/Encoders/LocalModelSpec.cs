using System.Collections.Immutable;

namespace FedKim.Models.Encoders;

/// <summary>What a <see cref="LocalModel"/> is built from.</summary>
/// <param name="Encoders">Modality → its encoder.</param>
/// <param name="Decoders">One a training task.</param>
public sealed record LocalModelSpec(ImmutableSortedDictionary<string, EncoderSpec> Encoders, ImmutableArray<DecoderSpec> Decoders);

/// <summary>A task's decoder.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Modalities">Whose features it reads, in this order; each has an encoder.</param>
public sealed record DecoderSpec(string Task, ImmutableArray<string> Modalities);
