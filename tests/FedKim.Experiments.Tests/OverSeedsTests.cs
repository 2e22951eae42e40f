using CsCheck;

namespace FedKim.Experiments.Tests;

public sealed class OverSeedsTests
{
    [Fact]
    public void Mean_and_deviation_are_those_counted_by_hand()
    {
        var rate = OverSeeds.Of([0.1, 0.2, 0.6])!;
        Assert.Equal(0.3, rate.Mean, 12);
        // Squares of −0.2, −0.1, 0.3 over 3 − 1.
        Assert.Equal(Math.Sqrt(0.14 / 2), rate.Deviation!.Value, 12);
        Assert.Equal("0.300 ± 0.265", rate.ToString());
    }

    [Fact]
    public void One_seed_has_no_deviation_and_none_has_no_mean()
    {
        Assert.Equal(new OverSeeds(0.5, null, 1), OverSeeds.Of([0.5]));
        Assert.Equal("0.500", OverSeeds.Of([0.5])!.ToString());
        Assert.Null(OverSeeds.Of([]));
    }

    [Fact]
    public void The_deviation_is_that_of_all_pairs_whatever_the_order_of_the_seeds() =>
        Gen.Double[0, 1].Array[2, 9].Sample(values =>
        {
            // The sample's variance is half the mean square of all differences between two seeds.
            double pairs = values.SelectMany((a, i) => values.Skip(i + 1).Select(b => (a - b) * (a - b))).Average() / 2;
            var (forth, back) = (OverSeeds.Of(values)!, OverSeeds.Of(values.Reverse())!);

            return Math.Abs((forth.Deviation!.Value * forth.Deviation.Value) - pairs) < 1e-12
                && Math.Abs(forth.Deviation.Value - back.Deviation!.Value) < 1e-12
                && forth.Mean >= values.Min() - 1e-12 && forth.Mean <= values.Max() + 1e-12 && forth.Seeds == values.Length;
        });
}
