using System.Buffers.Binary;
using CsCheck;
using FedKim.Parameters.Strategies;

namespace FedKim.Parameters.Tests;

public sealed class ReadAheadTests
{
    // So large that other threads read too.
    private const int Bytes = 64 * 1024;

    [Fact]
    public void Every_step_of_every_lane_is_taken_in_its_order() => Gen.Select(Gen.Int[1, 9], Gen.Int[1, 40], Gen.Bool).Sample((lanes, steps, small) =>
    {
        int bytes = small ? 2 * sizeof(int) : Bytes;
        int[] next = new int[lanes];
        using var ahead = new ReadAhead(Enumerable.Range(0, lanes).Select<int, ReadAhead.Fill>(lane => (step, target) =>
        {
            Assert.Equal(step, Interlocked.Increment(ref next[lane]) - 1);
            BinaryPrimitives.WriteInt32LittleEndian(target, lane);
            BinaryPrimitives.WriteInt32LittleEndian(target[sizeof(int)..], step);
        }), steps, bytes);

        for (int step = 0; step < steps; step++)
        {
            ahead.Take();
            for (int lane = 0; lane < lanes; lane++)
                Assert.Equal((lane, step), (BinaryPrimitives.ReadInt32LittleEndian(ahead[lane]), BinaryPrimitives.ReadInt32LittleEndian(ahead[lane][sizeof(int)..])));
        }
    }, iter: 50);

    [Fact]
    public void A_fault_is_thrown_where_its_step_is_taken_that_of_the_first_lane() => Gen.Select(Gen.Int[0, 9], Gen.Int[0, 9]).Sample((first, second) =>
    {
        using var ahead = new ReadAhead([(_, _) => { }, Breaks("first", first), Breaks("second", second)], 10, Bytes);

        for (int step = 0; step < Math.Min(first, second); step++)
            ahead.Take();

        Assert.Equal(first <= second ? "first" : "second", Assert.Throws<InvalidOperationException>(ahead.Take).Message);
    }, iter: 50);

    private static ReadAhead.Fill Breaks(string name, int at) => (step, _) =>
    {
        if (step == at)
            throw new InvalidOperationException(name);
    };
}
