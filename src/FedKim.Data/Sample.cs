using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedKim.Rounds;

namespace FedKim.Data;

/// <summary>One labelled example of a task.</summary>
/// <param name="Id">Unique within its data set; a file or stay id.</param>
/// <param name="Patient">Whose it is; splits never separate a patient's samples.</param>
/// <param name="Inputs">Modality → values; a modality without a single measurement is present with an all-false mask.</param>
/// <param name="Label">0 or 1; of a question that no yes or no answers, 0.</param>
/// <param name="Question">What is asked about this sample; null where the task asks the same of all.</param>
/// <param name="Answer">The answer in words to compare a generated one with; null where the label says all.</param>
public sealed record Sample(
    string Id, string Patient, ImmutableSortedDictionary<string, Values> Inputs, int Label, string? Question = null, string? Answer = null)
{
    /// <summary>In which part its publisher put it; null where the set has none, or its reader was not asked (<see cref="TaskSource.Split"/>).</summary>
    public PublishedPart? Part { get; init; }

    /// <summary>The group that it belongs to, such as a patient's sex; null where the source names no column of groups (<see cref="TaskSource.GroupColumn"/>).</summary>
    public string? Group { get; init; }
}

/// <summary>One modality's values, row-major.</summary>
/// <param name="Shape">image: [channels, height, width], 0 to 1; signal: [leads, time], millivolts; clinical: [time, variables], standardised by the reader's fixed constants.</param>
/// <param name="Data">Shape's product of finite values; 0 where missing.</param>
/// <param name="Mask">Same length as <paramref name="Data"/>, true where measured; null when nothing can be missing.</param>
public sealed record Values(ImmutableArray<int> Shape, float[] Data, bool[]? Mask = null)
{
    /// <summary>Tells equal values from others, whatever they are called.</summary>
    internal Digest Fingerprint() => Digest.Of(SHA256.HashData(MemoryMarshal.AsBytes(Data.AsSpan())));
}
