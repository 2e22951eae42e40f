using System.Collections.Immutable;
using System.IO.Enumeration;
using FedKim.Rounds;

namespace FedKim.Parameters;

/// <summary>Which part of the model a tensor belongs to and what a client's say in it weighs (method §3).</summary>
public static class ModelParts
{
    /// <summary>
    /// The longest part whose name <paramref name="tensor"/> starts with, up to a dot or its end: <c>encoder.image</c> owns
    /// <c>encoder.image.conv.weight</c> and not <c>encoder.images</c>. A <c>*</c> in a part's name stands for any letters:
    /// <c>*.norm</c> owns <c>encoder.image.norm.weight</c>. Null when it belongs to none.
    /// </summary>
    public static string? PartOf(this ImmutableSortedDictionary<string, ImmutableArray<string>> parts, string tensor)
    {
        for (int end = tensor.Length; end > 0; end = tensor.LastIndexOf('.', end - 1))
        {
            if (parts.TryGetKey(tensor[..end], out string part))
                return part;
            if (parts.Keys.FirstOrDefault(pattern => pattern.Contains('*', StringComparison.Ordinal) && Is(pattern, tensor.AsSpan(0, end))) is { } found)
                return found;
        }

        return null;
    }

    /// <summary>Whether a part of this name owns <paramref name="name"/>, were there no other.</summary>
    public static bool Covers(string part, string name)
    {
        for (int end = name.Length; end > 0; end = name.LastIndexOf('.', end - 1))
        {
            if (Is(part, name.AsSpan(0, end)))
                return true;
        }

        return false;
    }

    /// <summary>Whether the tensors of a part stay at the sites: no task trains it for others.</summary>
    public static bool Stays(this ImmutableSortedDictionary<string, ImmutableArray<string>> parts, string? part) => part is not null && parts[part].IsEmpty;

    /// <summary>The client's samples that count for <paramref name="part"/>: those of the part's tasks; all of them when it is null.</summary>
    public static long VotesOn(this ImmutableSortedDictionary<string, ImmutableArray<string>> parts, string? part, SampleCounts samples) =>
        part is null ? samples.Total : parts[part].Distinct().Sum(task => samples.ByTask.GetValueOrDefault(task));

    private static bool Is(string pattern, ReadOnlySpan<char> name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
