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
    public void However_long_a_gap_is_it_ends_no_limit_and_those_who_were_here_are_listened_for_first() =>
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
            var left = time.Left;
            for (int i = 0; i < 10; i++)
                time = time.After(time.Beat, hears: false);
            Assert.Equal(left, time.Left);
            time = Settled(time);
            Assert.Equal(left, time.Left);
            Assert.Equal(left - time.Beat, time.After(time.Beat, hears: false).Left);
        });

    [Fact]
    public void What_is_heard_right_after_a_gap_may_be_from_before_it() => Limits.Sample(limit =>
    {
        var time = new AttentiveTime(limit).After(TimeSpan.FromHours(1), hears: true);
        var (left, heard) = (time.Left, TimeSpan.Zero);
        for (; time.Left == left; heard += time.Beat)
            time = time.After(time.Beat, hears: true);
        Assert.InRange(heard, AttentiveTime.Settling, AttentiveTime.Settling + (2 * time.Beat));
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
    public void Who_does_not_come_back_after_a_gap_is_not_listened_for_for_ever()
    {
        var time = new AttentiveTime(10 * Second).After(TimeSpan.FromHours(1), hears: true);
        var passed = TimeSpan.Zero;
        for (; !time.IsOver; passed += time.Beat)
            time = time.After(time.Beat, hears: false);
        Assert.InRange(passed, 10 * Second + AttentiveTime.Grace, 12 * Second + AttentiveTime.Grace);
    }

    [Fact]
    public void A_gap_right_before_the_end_leaves_time_for_an_answer()
    {
        var time = Beaten(new AttentiveTime(20 * Second), 19).After(30 * Second, hears: true);
        Assert.Equal(5 * Second, Settled(time).Left);
    }

    [Theory]
    [InlineData(600)]
    [InlineData(-600)]
    public void A_suspended_machine_or_a_clock_that_was_set_is_a_gap(int ahead)
    {
        var time = Beaten(new AttentiveTime(20 * Second), 19).After(Second, hears: true, ahead * Second);
        Assert.Equal(AttentiveTime.Grace, time.Listening);
        Assert.Equal(5 * Second, Settled(time).Left);
    }

    private static AttentiveTime Settled(AttentiveTime time)
    {
        while (time.Listening > TimeSpan.Zero)
            time = time.After(time.Beat, hears: true);
        return time;
    }

    private static AttentiveTime Beaten(AttentiveTime time, int beats)
    {
        for (int i = 0; i < beats; i++)
            time = time.After(time.Beat, hears: true);
        return time;
    }
}
