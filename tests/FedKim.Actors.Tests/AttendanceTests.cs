using FedKim.Actors.Server;

namespace FedKim.Actors.Tests;

public sealed class AttendanceTests
{
    private static readonly TimeSpan Gap = TimeSpan.FromSeconds(14);

    private readonly SetClock _clock = new();
    private readonly Attendance _attendance;

    public AttendanceTests() => _attendance = new Attendance(_clock);

    [Fact]
    public void While_all_is_well_silence_is_everybodys_own()
    {
        Pass(TimeSpan.FromSeconds(10), "a");
        Assert.True(_attendance.Counts("a"));
        Assert.True(_attendance.Counts("never-here"));
        Pass(TimeSpan.FromSeconds(10));
        Assert.True(_attendance.Counts("a"));
    }

    [Fact]
    public void After_a_gap_nothing_is_held_against_those_who_were_here_until_they_are_heard_again()
    {
        Pass(TimeSpan.FromSeconds(10), "a", "b");
        Freeze();
        Assert.False(_attendance.Counts("a"));
        Assert.True(_attendance.Counts("never-here"));

        Pass(TimeSpan.FromSeconds(10), "a");

        Assert.True(_attendance.Counts("a"));
        Assert.False(_attendance.Counts("b"));
    }

    [Fact]
    public void What_is_heard_right_after_a_gap_may_be_from_before_it()
    {
        Pass(TimeSpan.FromSeconds(10), "a");
        Freeze();
        Pass(TimeSpan.FromSeconds(1), "a");
        Assert.False(_attendance.Counts("a"));
    }

    [Fact]
    public void Who_is_heard_after_a_gap_and_has_to_join_once_more_is_waited_for()
    {
        Pass(TimeSpan.FromSeconds(10), "a");
        Freeze();
        Pass(TimeSpan.FromSeconds(6), "a");
        Assert.True(_attendance.Counts("a"));
        Pass(TimeSpan.FromSeconds(6));
        Assert.False(_attendance.Counts("a"));
    }

    [Fact]
    public void Who_does_not_come_back_is_not_waited_for_for_ever()
    {
        Pass(TimeSpan.FromSeconds(10), "a");
        Freeze();
        Pass(Attendance.Grace - TimeSpan.FromSeconds(1));
        Assert.False(_attendance.Counts("a"));
        Pass(TimeSpan.FromSeconds(2));
        Assert.True(_attendance.Counts("a"));
    }

    [Fact]
    public void Who_was_away_before_a_gap_is_away_by_itself()
    {
        Pass(TimeSpan.FromSeconds(10), "a");
        Pass(TimeSpan.FromSeconds(10));
        Freeze();
        Assert.True(_attendance.Counts("a"));
    }

    [Fact]
    public void A_second_gap_before_somebody_came_back_gives_the_time_anew()
    {
        Pass(TimeSpan.FromSeconds(10), "a");
        Freeze();
        Pass(Attendance.Grace - TimeSpan.FromSeconds(2));
        Freeze();
        Pass(Attendance.Grace - TimeSpan.FromSeconds(2));
        Assert.False(_attendance.Counts("a"));
    }

    [Fact]
    public void Who_stays_away_while_gap_follows_gap_is_not_waited_for_for_ever()
    {
        Pass(TimeSpan.FromSeconds(10), "a");
        for (int gap = 0; gap < 7; gap++)
        {
            Freeze();
            Assert.False(_attendance.Counts("a"));
            Pass(TimeSpan.FromSeconds(9), "b");
        }

        Freeze();
        Assert.True(_attendance.Counts("a"));
        Assert.False(_attendance.Counts("b"));
    }

    [Fact]
    public void Where_another_server_led_before_everybody_may_be_on_the_way()
    {
        _attendance.TakeOver();
        Assert.False(_attendance.Counts("a"));
        Pass(TimeSpan.FromSeconds(4), "a");
        Assert.True(_attendance.Counts("a"));
        Assert.False(_attendance.Counts("b"));
        Pass(Attendance.Grace);
        Assert.True(_attendance.Counts("b"));
    }

    [Theory]
    [InlineData(600)]
    [InlineData(-600)]
    public void A_suspended_machine_or_a_clock_that_was_set_is_a_gap(int seconds)
    {
        Pass(TimeSpan.FromSeconds(10), "a");
        _clock.Wall += TimeSpan.FromSeconds(seconds);
        Pass(Attendance.BeatEvery);
        Assert.False(_attendance.Counts("a"));
    }

    private void Freeze()
    {
        _clock.Passes(Gap);
        _attendance.Beat();
    }

    // These say hello once a second.
    private void Pass(TimeSpan time, params string[] here)
    {
        for (int beat = 0; beat < time / Attendance.BeatEvery; beat++)
        {
            _clock.Passes(Attendance.BeatEvery);
            _attendance.Beat();
            foreach (string who in here)
                _attendance.Saw(who);
        }
    }
}
