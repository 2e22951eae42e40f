using static FedKim.Rounds.RoundCommands;
using static FedKim.Rounds.Tests.Given;

namespace FedKim.Rounds.Tests;

/// <summary>What an operator reads who asks why a round went as it did.</summary>
public sealed class RoundStoryTests
{
    private readonly LiveRound _round = LiveRound.New();

    [Fact]
    public void A_committed_round_is_told_from_its_invitation_to_its_outcome()
    {
        _round.SayAll(
            Open(2, A, B), Contribution(B), Contribution(A), new RecordAggregate(Digest(3)), new RecordInjectionFailure(Digest(3), 1, "out of memory"),
            new RecordInjection(Digest(3), Digest(4), Digest(5), 0.25), new RecordPublication());

        Assert.Equal(
            [
                "Invited: hospital-a, hospital-b. The quorum is 2; all start from model 000000000000.",
                "The training began.",
                "hospital-b contributed update 000000000000, trained on 10 samples (1 of 2).",
                "hospital-a contributed update 000000000000, trained on 10 samples (2 of 2).",
                "The collection closed because every site had answered, with 2 of 2 contributions; the quorum is 2.",
                "The updates were summed, aggregate 000000000000.",
                "Attempt 1 of 3 to inject broke: out of memory",
                "The aggregate was injected with loss 0.25: model 000000000000, adapters 000000000000.",
                "The round was committed with 2 of 2 sites. The next one starts from its model.",
            ],
            Told());
    }

    [Fact]
    public void The_moments_a_round_goes_on_from_are_told_with_its_invitation()
    {
        _round.Say(Open(1, A) with { Moments = Rounds.Digest.Of([.. Enumerable.Repeat((byte)0x77, 32)]) });
        Assert.Equal("Invited: hospital-a. The quorum is 1; all start from model 000000000000, the server's moments are those of aggregate 777777777777.", Told().First());
    }

    [Fact]
    public void A_collection_that_the_deadline_closed_says_so_and_who_was_left_out()
    {
        _round.SayAll(Open(1, A, B, C), Contribution(A), new Drop(B, "no ECG data"), new PassDeadline(Phase.Training));

        Assert.Equal(
            [
                "hospital-b was left out: no ECG data.",
                "hospital-c was left out: no update before the deadline.",
                "The collection closed because the deadline had passed, with 1 of 3 contributions; the quorum is 1.",
            ],
            Told().TakeLast(3));
    }

    [Fact]
    public void A_round_without_a_quorum_ends_with_its_cause()
    {
        _round.SayAll(Open(2, A, B), Contribution(A), new Drop(B, "no ECG data"));
        Assert.Equal("The round failed: 1 of 2 sites contributed, the quorum is 2. hospital-b: no ECG data", Told().Last());
    }

    [Fact]
    public void A_pause_and_its_end_are_told()
    {
        _round.SayAll(Open(1, A, B), Open(1, A, B) with { Paused = true }, Open(1, A, B));
        Assert.Equal(
            [
                "An operator paused the federation: no deadline ends the round, and no other is opened.",
                "An operator resumed the federation: the deadline counts again.",
            ],
            Told().TakeLast(2));
    }

    [Fact]
    public void Every_sentence_bears_the_time_of_its_event()
    {
        _round.SayAll(Open(1, A), Contribution(A));
        Assert.Equal(_round.Journal.Select(e => e.At), RoundStory.Tell(_round.State.Id, _round.Journal).Select(s => s.At));
    }

    [Fact]
    public void A_sentence_says_of_which_event_it_is_and_about_whom()
    {
        _round.SayAll(Open(2, A, B), Contribution(B), Contribution(A));
        var story = RoundStory.Tell(_round.State.Id, _round.Journal);

        Assert.Equal(
            [("Opened", ""), ("TrainingStarted", ""), ("ContributionAccepted", "hospital-b"), ("ContributionAccepted", "hospital-a"), ("CollectionClosed", "")],
            story.Select(sentence => (sentence.Kind, sentence.Site)));
        Assert.EndsWith(" 10", story[2].Samples, StringComparison.Ordinal);
        Assert.True(double.IsFinite(story[2].Loss));
        Assert.True(double.IsNaN(story[0].Loss));
    }

    private IEnumerable<string> Told() => RoundStory.Tell(_round.State.Id, _round.Journal).Select(s => s.Words);
}
