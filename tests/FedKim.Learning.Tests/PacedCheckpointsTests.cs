using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning.Tests;

public sealed class PacedCheckpointsTests(DemoFederation demo) : IClassFixture<DemoFederation>
{
    [Theory]
    [InlineData(1, 100, 10)]
    [InlineData(250, 100, 10)]
    [InlineData(5, 700, 1)]
    public void Checkpoints_cost_at_most_their_share_of_the_time_after_the_first(int stepMilliseconds, int costMilliseconds, int first)
    {
        var clock = new StandingClock();
        var (step, cost) = (TimeSpan.FromMilliseconds(stepMilliseconds), TimeSpan.FromMilliseconds(costMilliseconds));
        var paced = new PacedCheckpoints(new StepCheckpoint(demo.Folder(), Digest.Of(new byte[32])), first, clock, Assert.Fail);
        List<long> kept = [];

        for (long done = 1; done <= 100_000 && kept.Count < 5; done++)
        {
            clock.Pass(step);
            paced.After(done, () =>
            {
                kept.Add(done);
                clock.Pass(cost);
                return [TensorData.Of("a", DType.U8, [1], new byte[] { 1 })];
            });
        }

        Assert.Equal(first, kept[0]);
        long steps = (long)Math.Ceiling(costMilliseconds / PacedCheckpoints.Share / stepMilliseconds);
        Assert.All(kept.Zip(kept.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, steps - 1, steps + 1));
    }
}
