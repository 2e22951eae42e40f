using CsCheck;

namespace FedKim.Data.Tests;

public sealed class NormalisationTests
{
    private static readonly Gen<float[]> Pixels = Gen.Float[0, 1].Array[4];

    [Fact]
    public void A_grey_picture_becomes_one_of_as_many_channels_as_there_are_means_each_by_its_own() => Pixels.Sample(pixels =>
    {
        var (grey, by) = (new Values([1, 2, 2], pixels), Normalisation.OfImageNet);
        Assert.Equal([3, 2, 2], by.ShapeOf(grey.Shape));
        float[] made = new float[12];
        by.Write(grey, made);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => (pixels[i % 4] - by.Means[i / 4]) / by.Deviations[i / 4]), made);
    });

    [Fact]
    public void A_coloured_picture_keeps_its_channels() => Gen.Select(Pixels, Pixels, Pixels).Sample((red, green, blue) =>
    {
        float[] pixels = [.. red, .. green, .. blue];
        var coloured = new Values([3, 2, 2], pixels);
        foreach (var by in (Normalisation[])[Normalisation.OfImageNet, Normalisation.OfPictures])
        {
            Assert.Equal([3, 2, 2], by.ShapeOf(coloured.Shape));
            float[] made = new float[12];
            by.Write(coloured, made);
            Assert.Equal(Enumerable.Range(0, 12).Select(i => (pixels[i] - by.Means[i / 4 % by.Means.Length]) / by.Deviations[i / 4 % by.Means.Length]), made);
        }
    });

    [Fact]
    public void One_mean_for_all_keeps_a_grey_picture_grey() => Assert.Equal([1, 2, 2], Normalisation.OfPictures.ShapeOf([1, 2, 2]));
}
