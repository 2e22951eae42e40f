using FedKim.Data;
using FedKim.Models.Encoders;
using static TorchSharp.torch;

namespace FedKim.Learning.Tests;

public sealed class AugmentationTests
{
    private static readonly int[] Places = [4, 0, 7, 2, 9, 11];

    public static TheoryData<string> Modalities { get; } = ["image", "signal", "lab"];

    [Theory]
    [MemberData(nameof(Modalities))]
    public void A_sample_varies_with_the_seed_and_not_with_the_batch_it_is_in(string modality)
    {
        using var scope = NewDisposeScope();
        var batch = Batch(modality);
        var whole = new Augmentation(1, seed: 5).Vary(modality, Places, batch, KindOf(modality));
        var part = new Augmentation(1, seed: 5).Vary(modality, Places[2..4], Rows(batch, 2, 2), KindOf(modality));
        var other = new Augmentation(1, seed: 6).Vary(modality, Places, batch, KindOf(modality));

        Assert.Equal(Numbers(Rows(whole, 2, 2)), Numbers(part));
        Assert.NotEqual(Numbers(whole), Numbers(batch));
        Assert.NotEqual(Numbers(whole), Numbers(other));
    }

    [Theory]
    [MemberData(nameof(Modalities))]
    public void Of_no_strength_it_gives_the_samples_as_they_are(string modality)
    {
        using var scope = NewDisposeScope();
        var batch = Batch(modality);
        Assert.Same(batch, new Augmentation(0, seed: 5).Vary(modality, Places, batch, KindOf(modality)));
    }

    [Fact]
    public void A_signal_is_a_window_of_itself_with_all_its_leads_as_loud_and_some_silent()
    {
        using var scope = NewDisposeScope();
        const int leads = 12, time = 50;
        int[] places = [.. Enumerable.Range(0, 40)];
        // Lead l at time t is (l + 1) · (t + 1).
        var values = (arange(1, leads + 1, ScalarType.Float32).view(1, leads, 1) * arange(1, time + 1, ScalarType.Float32)).repeat(places.Length, 1, 1);

        var varied = new Augmentation(1, seed: 5).Vary("signal", places, new ModalityBatch(values), Modality.Signal).Values;

        Assert.Equal([places.Length, leads, 35], varied.shape);
        float[] all = varied.data<float>().ToArray();
        float At(int row, int lead, int step) => all[(((row * leads) + lead) * 35) + step];
        int silent = 0;
        HashSet<int> starts = [];
        foreach (int row in places)
        {
            int heard = Enumerable.Range(0, leads).First(lead => At(row, lead, 0) != 0);
            double gain = (At(row, heard, 1) - At(row, heard, 0)) / (heard + 1);
            int start = (int)Math.Round(At(row, heard, 0) / (heard + 1) / gain);
            Assert.InRange(start, 1, time - 34);
            starts.Add(start);
            for (int lead = 0; lead < leads; lead++)
            {
                bool off = At(row, lead, 0) == 0;
                silent += off ? 1 : 0;
                for (int step = 0; step < 35; step++)
                    Assert.Equal(off ? 0 : gain * (lead + 1) * (start + step), At(row, lead, step), 0.01);
            }
        }

        Assert.InRange(starts.Count, 8, 16);
        // One lead of ten, of 480.
        Assert.InRange(silent, 20, 90);
    }

    [Fact]
    public void An_image_moves_as_a_whole_with_its_edges_held()
    {
        using var scope = NewDisposeScope();
        const int size = 32;
        // A pixel says where it was.
        var values = (arange(size, ScalarType.Float32).view(1, 1, size, 1) * 100 + arange(size, ScalarType.Float32)).repeat(Places.Length, 3, 1, 1);

        var varied = new Augmentation(1, seed: 5).Vary("image", Places, new ModalityBatch(values), Modality.Image).Values;

        Assert.Equal(values.shape, varied.shape);
        float[] all = varied.data<float>().ToArray();
        float At(int row, int y, int x) => all[(row * 3 * size * size) + (y * size) + x];
        for (int row = 0; row < Places.Length; row++)
        {
            double contrast = At(row, 16, 17) - At(row, 16, 16);
            Assert.InRange(contrast, 0.5, 2);
            for (int y = 3; y < size - 3; y++)
                Assert.Equal(100 * contrast, At(row, y + 1, 5) - At(row, y, 5), 0.01 * 100);
        }

        int[] shifts = Enumerable.Range(0, Places.Length).Select(row => Enumerable.Range(0, size - 1).Count(x => Math.Abs(At(row, 16, x + 1) - At(row, 16, x)) < 1e-3)).ToArray();
        Assert.All(shifts, held => Assert.InRange(held, 0, 2));
        Assert.Contains(shifts, held => held > 0);
    }

    [Fact]
    public void A_clinical_table_misses_more_and_gains_nothing()
    {
        using var scope = NewDisposeScope();
        var batch = Batch("lab");
        var varied = new Augmentation(1, seed: 5).Vary("lab", Places, batch, Modality.Table);

        (float[] before, float[] after, float[] values, float[] original) =
            (Flat(batch.Measured!), Flat(varied.Measured!), Flat(varied.Values), Flat(batch.Values));
        Assert.All(Enumerable.Range(0, before.Length), i =>
        {
            Assert.True(after[i] <= before[i]);
            Assert.Equal(after[i] == 0 ? 0 : original[i], values[i]);
        });
        Assert.InRange(after.Sum() / before.Sum(), 0.8, 0.9);
    }

    private static ModalityBatch Batch(string modality)
    {
        using var generator = new Generator(3, CPU);
        if (modality == "image")
            return new ModalityBatch(randn([Places.Length, 3, 32, 32], generator: generator));
        if (modality == "signal")
            return new ModalityBatch(randn([Places.Length, 12, 100], generator: generator));
        var measured = (rand([Places.Length, 48, 10], generator: generator) > 0.5).to(ScalarType.Float32);
        return new ModalityBatch(randn([Places.Length, 48, 10], generator: generator).mul(measured), measured);
    }

    private static Modality KindOf(string modality) => modality switch { "image" => Modality.Image, "signal" => Modality.Signal, _ => Modality.Table };

    private static ModalityBatch Rows(ModalityBatch batch, int start, int count) =>
        new(batch.Values.narrow(0, start, count), batch.Measured?.narrow(0, start, count));

    private static float[] Numbers(ModalityBatch batch) => batch.Measured is null ? Flat(batch.Values) : [.. Flat(batch.Values), .. Flat(batch.Measured)];

    private static float[] Flat(Tensor tensor) => tensor.contiguous().data<float>().ToArray();
}
