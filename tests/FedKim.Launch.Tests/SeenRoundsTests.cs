using FedKim.Launch.Answers;
using FedKim.Launch.Progress;

namespace FedKim.Launch.Tests;

public sealed class SeenRoundsTests
{
    private readonly SeenRounds _seen = new();

    [Fact]
    public void A_round_that_was_committed_is_asked_for_once_and_shown_from_then_on()
    {
        // A run that is taken up: what is over is asked for at the first look.
        Assert.Equal(4, _seen.Wanted(Status(3)));
        Assert.Equal([1, 2, 3, 4], Look(3, 1, 2, 3, 4));
        Assert.Equal(1, _seen.Wanted(Status(3)));
        Assert.Equal([1, 2, 3, 4], Look(3, 4));
        // Committed between two looks.
        Assert.Equal(2, _seen.Wanted(Status(4)));
        Assert.Equal([1, 2, 3, 4, 5], Look(4, 4, 5));
        // Committed between the status and the rounds.
        Assert.Equal(1, _seen.Wanted(Status(4)));
        Assert.Equal([1, 2, 3, 4, 6], Look(4, 6));
        Assert.Equal(2, _seen.Wanted(Status(5)));
    }

    [Fact]
    public void The_next_federation_and_one_whose_journal_was_put_back_begin_anew()
    {
        _seen.Wanted(Status(3));
        Look(3, 1, 2, 3, 4);

        Assert.Equal(2, _seen.Wanted(Status(1)));
        Assert.Equal([1, 2], Look(1, 1, 2));
        Assert.Equal(2, _seen.Wanted(Status(1) with { Federation = "next" }));
        Assert.Equal(20, _seen.Wanted(Status(500)));
    }

    private int[] Look(int committed, params int[] rounds) =>
        [.. _seen.Look(Status(committed), [.. rounds.Select(r => new RoundStatus(r, "Training", 0, 0, 2, 0, ""))]).Select(r => r.Round)];

    private static FederationStatus Status(int committed) => new("demo", "Running", 1000, committed, committed + 1, "");
}
