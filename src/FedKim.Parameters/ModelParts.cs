using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Parameters;

/// <summary>Which part of the model a tensor belongs to and what a client's say in it weighs (method §3).</summary>
public static class ModelParts
{
    /// <summary>
    /// The longest part whose name <paramref name="tensor"/> starts with, up to a dot or its end: <c>encoder.image</c> owns
    /// <c>encoder.image.conv.weight</c> and not <c>encoder.images</c>. Null when it belongs to none.
    /// </summary>
    public static string? PartOf(this ImmutableSortedDictionary<string, ImmutableArray<string>> parts, string tensor)
    {
        for (int end = tensor.Length; end > 0; end = tensor.LastIndexOf('.', end - 1))
        {
            if (parts.TryGetKey(tensor[..end], out string part))
                return part;
        }

        return null;
    }

    /// <summary>The client's samples that count for <paramref name="part"/>: those of the part's tasks; all of them when it is null.</summary>
    public static long VotesOn(this ImmutableSortedDictionary<string, ImmutableArray<string>> parts, string? part, SampleCounts samples) =>
        part is null ? samples.Total : parts[part].Distinct().Sum(task => samples.ByTask.GetValueOrDefault(task));
}
