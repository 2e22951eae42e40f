using CsCheck;

namespace FedKim.Rounds.Tests;

public sealed class SampleCountsTests
{
    [Fact]
    public void Equal_counts_are_equal_in_whatever_order_they_were_given() =>
        Gen.Dictionary(Gen.String[Gen.Char.AlphaNumeric, 1, 5], Gen.Long[1, 1_000_000])[0, 5].Sample(counts =>
        {
            var forward = SampleCounts.Of(counts.Select(c => (c.Key, c.Value)));
            var backward = SampleCounts.Of(counts.Reverse().Select(c => (c.Key, c.Value)));
            Assert.Equal(forward, backward);
            Assert.Equal(forward.GetHashCode(), backward.GetHashCode());
            Assert.Equal(counts.Values.Sum(), forward.Total);
        });

    [Fact]
    public void Another_number_or_another_task_makes_other_counts()
    {
        Assert.NotEqual(SampleCounts.Of(("ecg", 3)), SampleCounts.Of(("ecg", 4)));
        Assert.NotEqual(SampleCounts.Of(("ecg", 3)), SampleCounts.Of(("opacity", 3)));
        Assert.NotEqual(SampleCounts.Of(("ecg", 3)), SampleCounts.None);
    }

    [Fact]
    public void Tasks_stand_in_ordinal_order() =>
        Assert.Equal(["B", "a", "ä"], SampleCounts.Of(("ä", 1), ("a", 1), ("B", 1)).ByTask.Keys);

    [Fact]
    public void Two_counts_for_one_task_are_an_error() =>
        Assert.Throws<ArgumentException>(() => SampleCounts.Of(("ecg", 1), ("ecg", 2)));
}
