using CsCheck;

namespace FedKim.Rounds.Tests;

public sealed class SeededGeneratorTests
{
    [Fact]
    public void The_same_parts_give_the_same_numbers_and_any_other_part_gives_others() =>
        Gen.Select(Gen.Long, Gen.String, Gen.Long).Sample((seed, text, number) =>
        {
            ulong first = SeededGenerator.Derive(seed, text, number).NextBits();
            Assert.Equal(first, SeededGenerator.Derive(seed, text, number).NextBits());
            Assert.NotEqual(first, SeededGenerator.Derive(seed ^ 1, text, number).NextBits());
            Assert.NotEqual(first, SeededGenerator.Derive(seed, text + "x", number).NextBits());
            Assert.NotEqual(first, SeededGenerator.Derive(seed, number, text).NextBits());
            Assert.NotEqual(first, SeededGenerator.Derive(seed, text).NextBits());
        });

    [Fact]
    public void Texts_do_not_run_into_each_other_and_a_number_is_not_its_digits()
    {
        Assert.NotEqual(SeededGenerator.Derive(1, "ab", "c").NextBits(), SeededGenerator.Derive(1, "a", "bc").NextBits());
        Assert.NotEqual(SeededGenerator.Derive(1, "7").NextBits(), SeededGenerator.Derive(1, 7).NextBits());
    }

    // A change of these numbers changes every result of every federation; they are fixed on purpose.
    [Fact]
    public void The_numbers_stay_the_same_from_version_to_version()
    {
        var generator = SeededGenerator.Derive(17, "round", 3, "hospital-a");
        Assert.Equal<ulong>([10262168661265393850, 7867964526918620604, 999706327934480958], [generator.NextBits(), generator.NextBits(), generator.NextBits()]);
    }

    [Fact]
    public void Bounded_numbers_are_evenly_spread()
    {
        var generator = SeededGenerator.Derive(5, "even");
        int[] counts = new int[7];
        for (int i = 0; i < 70_000; i++)
            counts[generator.NextInt(7)]++;
        Assert.All(counts, count => Assert.InRange(count, 9_600, 10_400));
    }

    [Fact]
    public void Gaussian_numbers_have_mean_0_and_variance_1()
    {
        var generator = SeededGenerator.Derive(5, "gauss");
        double[] numbers = [.. Enumerable.Range(0, 50_000).Select(_ => generator.NextGaussian())];
        Assert.Equal(0, numbers.Average(), 0.02);
        Assert.Equal(1, numbers.Average(x => x * x), 0.03);
    }

    [Fact]
    public void A_shuffle_keeps_every_item() =>
        Gen.Select(Gen.Long, Gen.Int.Array).Sample((seed, items) =>
        {
            int[] shuffled = [.. items];
            SeededGenerator.Derive(seed, "shuffle").Shuffle<int>(shuffled);
            Assert.Equal(items.Order(), shuffled.Order());
        });
}
