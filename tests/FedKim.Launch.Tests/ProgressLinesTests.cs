using FedKim.Launch.Answers;
using FedKim.Launch.Progress;

namespace FedKim.Launch.Tests;

/// <summary>What a run shows of the federations that pass through it.</summary>
public sealed class ProgressLinesTests
{
    [Fact]
    public void The_next_of_the_queue_is_told_apart_from_the_one_before_it()
    {
        var before = Seen("first", "Running", new RoundStatus(1, "Committed", 3, 0, 3, 1000, ""));
        var now = Seen("second", "Running", new RoundStatus(1, "Committed", 3, 0, 3, 2000, ""));

        Assert.Equal(
            ["federation first has ended, and second begins", "round 1: 3 of 3 updates are in", "round 1 of 1 is committed after 2.0 s"],
            ProgressLines.Between(before, now));
        Assert.Empty(ProgressLines.Between(now, now));
    }

    [Theory]
    [InlineData("Completed", 0, true)]
    [InlineData("Stopped", 0, true)]
    [InlineData("Completed", 2, false)]
    [InlineData("Running", 0, false)]
    public void A_run_has_ended_when_nothing_runs_and_nothing_waits(string phase, int queued, bool ended) =>
        Assert.Equal(ended, (Seen("first", phase) with { Federation = new FederationStatus("first", phase, 1, 1, 0, "", "", queued) }).HasEnded);

    private static Snapshot Seen(string federation, string phase, params RoundStatus[] rounds) =>
        new(new FederationStatus(federation, phase, 1, 1, 0, ""), [.. rounds], [], new InjectorReply(true, "idle", "", 0, 0, double.NaN, ""));
}
