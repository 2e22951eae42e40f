using FedKim.Actors.Server.Answers;
using FedKim.Actors.Server.Rounds;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>How long a phase lasted, whatever happens to the clock on the wall.</summary>
public sealed class PhaseClockTests
{
    private static readonly Digest Model = Digest.Of(new byte[32]);
    private static readonly RoundCommands.Open Open = new(Model, Model, null, [new ClientId("hospital-a")], 1);

    [Fact]
    public void A_coordinator_restarted_with_its_clock_two_hours_ahead_goes_on_from_what_was_measured()
    {
        var first = new SetClock();
        var journal = new List<IRoundEvent>();
        var round = Say(new Round(new RoundId(new FederationId("demo"), 1)), new PhaseClock(first), Open, journal);
        var clock = new PhaseClock(first);
        clock.Resume(round);
        first.Passes(TimeSpan.FromSeconds(4));
        round = Say(round, clock, new RoundCommands.TakeOver(2, "server"), journal);

        var second = new SetClock { Wall = first.Wall + TimeSpan.FromHours(2) };
        var read = journal.Aggregate(new Round(round.Id), RoundRules.Apply);
        var restarted = new PhaseClock(second);
        restarted.Resume(read);
        second.Passes(TimeSpan.FromSeconds(2));
        read = Say(read, restarted, new RoundCommands.Contribute(new ClientId("hospital-a"), Model, SampleCounts.Of(("ecg", 1)), 0), journal);

        Assert.Equal(Phase.Aggregating, read.Phase);
        Assert.Equal(TimeSpan.FromSeconds(6), read.Lasted[Phase.Training]);
        Assert.Equal(TimeSpan.Zero, read.Elapsed);
        var view = View.Of(read, TimeSpan.FromMilliseconds(250));
        Assert.Equal([("Opened", 0L), ("Training", 6_000L), ("Aggregating", 250L)], view.PhaseMilliseconds.Select(p => (p.Phase, p.Milliseconds)));
    }

    [Fact]
    public void What_was_stored_before_this_was_measured_lasted_as_long_as_the_clock_on_the_wall_says_and_never_less_than_nothing()
    {
        var at = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
        IRoundEvent[] journal =
        [
            new RoundEvents.Opened(Model, Model, null, [new ClientId("hospital-a")], 1, at), new RoundEvents.TrainingStarted(at),
            new RoundEvents.CollectionClosed(at.AddSeconds(7)), new RoundEvents.AggregateComputed(Model, at.AddHours(-1)),
        ];
        var round = journal.Aggregate(new Round(new RoundId(new FederationId("demo"), 1)), RoundRules.Apply);
        Assert.Equal((TimeSpan.FromSeconds(7), TimeSpan.Zero), (round.Lasted[Phase.Training], round.Lasted[Phase.Aggregating]));
    }

    private static Round Say(Round round, PhaseClock clock, IRoundCommand command, List<IRoundEvent> journal)
    {
        var events = clock.Decide(round, [command]);
        journal.AddRange(events);
        return events.Aggregate(round, RoundRules.Apply);
    }
}
