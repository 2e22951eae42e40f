using CsCheck;
using FedKim.Rounds;

namespace FedKim.Learning.Tests;

public sealed class EpochOrderTests
{
    private static readonly Gen<(int Samples, int Steps, int Least, long Seed)> Any = Gen.Select(Gen.Int[1, 80], Gen.Int[1, 40], Gen.Int[0, 20], Gen.Long);

    [Fact]
    public void Every_step_has_the_least_batch_where_the_site_has_as_many() => Any.Sample(any =>
    {
        var order = Draw(any);
        Assert.All(Enumerable.Range(0, any.Steps), step => Assert.True(order.At(step).Length >= Math.Min(any.Least, any.Samples)));
    });

    [Fact]
    public void Every_sample_is_seen_as_often_as_every_other_give_or_take_one() => Any.Sample(any =>
    {
        var order = Draw(any);
        int[] seen = [.. Enumerable.Range(0, any.Steps).SelectMany(order.At)];

        Assert.Equal(EpochOrder.Seen(any.Samples, any.Steps, any.Least), seen.Length);
        if (any.Least == 0)
            Assert.Equal(any.Samples, seen.Length);
        Assert.Equal(Enumerable.Range(0, any.Samples), seen.Take(any.Samples).Order());
        int[] counts = seen.CountBy(place => place).Select(c => c.Value).ToArray();
        Assert.InRange(counts.Max() - counts.Min(), 0, 1);
    });

    [Fact]
    public void A_task_with_samples_enough_is_seen_once_whatever_the_least_batch() => Any.Where(any => any.Samples >= any.Steps * any.Least).Sample(any =>
    {
        int[][] with = Batches(any), without = Batches(any with { Least = 0 });
        Assert.Equal(without, with);
        Assert.Equal(any.Samples, with.Sum(batch => batch.Length));

        static int[][] Batches((int Samples, int Steps, int Least, long Seed) any) => [.. Enumerable.Range(0, any.Steps).Select(Draw(any).At)];
    });

    private static EpochOrder Draw((int Samples, int Steps, int Least, long Seed) any) =>
        EpochOrder.Draw(any.Samples, any.Steps, any.Least, SeededGenerator.Derive(any.Seed, "test"));
}
