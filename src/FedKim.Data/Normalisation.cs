using System.Collections.Immutable;

namespace FedKim.Data;

/// <summary>Takes a mean away and divides by a deviation, each channel by its own, or all by one.</summary>
/// <param name="Means">One a channel, or one for all.</param>
/// <param name="Deviations">As many, above zero.</param>
public sealed record Normalisation(ImmutableArray<float> Means, ImmutableArray<float> Deviations)
{
    /// <summary>Of pictures whose encoder starts from nothing: about what a chest X-ray has.</summary>
    public static Normalisation OfPictures { get; } = new([0.5f], [0.25f]);

    /// <summary>Of encoders that were trained on ImageNet: mean and deviation of its red, green and blue, as every published DeiT was trained with.</summary>
    public static Normalisation OfImageNet { get; } = new([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);

    /// <summary>The shape that values of this one have when they are normalised: a picture of one channel becomes one of as many as there are means.</summary>
    public ImmutableArray<int> ShapeOf(ImmutableArray<int> shape) => shape is [1, ..] ? shape.SetItem(0, Means.Length) : shape;

    /// <summary>Writes one sample's values, normalised.</summary>
    /// <param name="values">Its first axis are the channels.</param>
    /// <param name="normalised">As long as <see cref="ShapeOf"/> says.</param>
    public void Write(Values values, Span<float> normalised)
    {
        int size = values.Data.Length / values.Shape[0];
        for (int i = 0; i < normalised.Length; i++)
        {
            int channel = i / size % Means.Length;
            normalised[i] = (values.Data[i % values.Data.Length] - Means[channel]) / Deviations[channel];
        }
    }
}
