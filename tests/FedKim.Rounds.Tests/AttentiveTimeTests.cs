using CsCheck;

namespace FedKim.Rounds.Tests;

public sealed class AttentiveTimeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly Gen<TimeSpan> Limits = Gen.Int[100, 600_000].Select(ms => TimeSpan.FromMilliseconds(ms));

    [Fact]
    public void While_all_is_well_a_limit_passes_when_its_time_has() => Limits.Sample(limit =>
    {
        var time = new AttentiveTime(limit);
        var passed = TimeSpan.Zero;
        for (; !time.IsOver; passed += time.Beat)
            time = time.After(time.Beat, hears: true);
        Assert.InRange(passed, limit, limit + time.Beat);
    });

    [Fact]
    public void However_long_a_gap_is_it_ends_no_limit_and_nothing_of_it_counts() =>
        Gen.Select(Limits, Gen.Int[0, 19], Gen.Int[1_001, 100_000_000]).Sample((limit, beats, gap) =>
        {
            var time = Beaten(new AttentiveTime(limit), beats);
            var before = time.Left;
            var length = TimeSpan.FromMilliseconds(gap);
            if (length <= time.Beat + time.Beat)
                return;
            time = time.After(length, hears: true);
            Assert.False(time.IsOver);
            Assert.True(time.Left >= before);
            Assert.Equal(time.Left - time.Beat, time.After(time.Beat, hears: true).Left);
        });

    [Fact]
    public void While_somebody_cannot_be_heard_nothing_counts() => Gen.Select(Limits, Gen.Int[0, 19], Gen.Int[1, 100]).Sample((limit, beats, deaf) =>
    {
        var time = Beaten(new AttentiveTime(limit), beats);
        var left = time.Left;
        for (int i = 0; i < deaf; i++)
            time = time.After(time.Beat, hears: false);
        Assert.Equal(left, time.Left);
    });

    [Fact]
    public void A_late_beat_never_ends_a_limit() => Gen.Select(Limits, Gen.Int[0, 19], Gen.Int[1, 1_000_000]).Sample((limit, beats, late) =>
    {
        var time = Beaten(new AttentiveTime(limit), beats);
        if (time.IsOver)
            return;
        var after = time.After(time.Beat + time.Beat + TimeSpan.FromTicks(late), hears: true);
        Assert.False(after.IsOver);
    });

    [Fact]
    public void Between_two_beats_no_more_than_twice_the_beat_passes() =>
        Gen.Select(Limits, Gen.Long[0, TimeSpan.TicksPerDay], Gen.Bool).Sample((limit, elapsed, hears) =>
        {
            var time = new AttentiveTime(limit);
            Assert.True(time.Left - time.After(TimeSpan.FromTicks(elapsed), hears).Left <= time.Beat + time.Beat);
        });

    [Fact]
    public void A_gap_right_before_the_end_leaves_time_for_an_answer()
    {
        var time = Beaten(new AttentiveTime(20 * Second), 19).After(30 * Second, hears: true);
        Assert.Equal(AttentiveTime.LeastAfterGap, time.Left);
    }

    [Theory]
    [InlineData(600)]
    [InlineData(-600)]
    public void A_suspended_machine_or_a_clock_that_was_set_is_a_gap(int ahead)
    {
        var time = Beaten(new AttentiveTime(20 * Second), 19).After(Second, hears: true, ahead * Second);
        Assert.Equal(AttentiveTime.LeastAfterGap, time.Left);
    }

    private static AttentiveTime Beaten(AttentiveTime time, int beats)
    {
        for (int i = 0; i < beats; i++)
            time = time.After(time.Beat, hears: true);
        return time;
    }
}
