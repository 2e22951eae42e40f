using System.Collections.Immutable;

namespace FedKim.Data;

/// <summary>
/// Takes a mean away and divides by a deviation, each channel by its own, or all by one. Of several means a picture of one channel becomes one of as
/// many channels.
/// </summary>
/// <param name="Means">One a channel, or one for all.</param>
/// <param name="Deviations">As many, above zero.</param>
public sealed record Normalisation(ImmutableArray<float> Means, ImmutableArray<float> Deviations)
{
    /// <summary>Of pictures whose encoder starts from nothing: about what a chest X-ray has.</summary>
    public static Normalisation OfPictures { get; } = new([0.5f], [0.25f]);

    /// <summary>Of encoders that were trained on ImageNet: mean and deviation of its red, green and blue, as every published DeiT was trained with.</summary>
    public static Normalisation OfImageNet { get; } = new([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);
}
