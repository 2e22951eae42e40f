using System.Collections.Immutable;

namespace FedKim.Data;

/// <summary>One labelled example of a task.</summary>
/// <param name="Id">Unique within its data set; a file or stay id.</param>
/// <param name="Patient">Whose it is; splits never separate a patient's samples.</param>
/// <param name="Inputs">Modality → values; a modality without a single measurement is present with an all-false mask.</param>
/// <param name="Label">0 or 1.</param>
public sealed record Sample(string Id, string Patient, ImmutableSortedDictionary<string, Values> Inputs, int Label);

/// <summary>One modality's values, row-major.</summary>
/// <param name="Shape">image: [channels, height, width], 0 to 1; signal: [leads, time], millivolts; clinical: [time, variables], standardised by the reader's fixed constants.</param>
/// <param name="Data">Shape's product of finite values; 0 where missing.</param>
/// <param name="Mask">Same length as <paramref name="Data"/>, true where measured; null when nothing can be missing.</param>
public sealed record Values(ImmutableArray<int> Shape, float[] Data, bool[]? Mask = null);
