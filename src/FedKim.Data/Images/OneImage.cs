using System.Collections.Immutable;

namespace FedKim.Data.Images;

/// <summary>The inputs of a sample that is one picture.</summary>
internal static class OneImage
{
    public static ImmutableSortedDictionary<string, Values> Of(Values picture) => ImmutableSortedDictionary<string, Values>.Empty.Add(Modality.Image.Kind, picture);
}
