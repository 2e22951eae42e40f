using FedKim.Actors.Server;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>Whose word of a later coordinator counts.</summary>
public sealed class HeardEpochTests
{
    private static readonly ClientId A = new("hospital-a"), B = new("hospital-b"), C = new("hospital-c"), Stranger = new("hospital-x");

    private readonly SetClock _clock = new();
    private readonly HeardEpoch _heard = new();

    [Fact]
    public void One_site_alone_has_the_journal_read_again_once_a_minute_and_moves_no_epoch()
    {
        Assert.True(Says(A, 8));
        for (int epoch = 9; epoch < 100; epoch++)
            Assert.False(Says(A, epoch));
        _clock.Passes(TimeSpan.FromMinutes(1));

        Assert.True(Says(A, 100));
        Assert.Equal(0, _heard.Value);
    }

    [Fact]
    public void What_more_than_half_have_heard_of_counts_as_after_a_journal_was_restored()
    {
        Says(A, 12);

        Assert.True(Says(B, 9));
        Assert.Equal(9, _heard.Value);
        Assert.True(Says(C, 12));
        Assert.Equal(12, _heard.Value);
    }

    [Fact]
    public void The_injectors_word_counts()
    {
        Assert.True(_heard.Heard(7));
        Assert.Equal(7, _heard.Value);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(int.MaxValue - 1)]
    [InlineData(-1)]
    public void An_epoch_that_none_comes_to_is_nobodys(int epoch)
    {
        Assert.False(Says(A, epoch) || Says(B, epoch) || Says(C, epoch) || _heard.Heard(epoch));
        Assert.Equal(0, _heard.Value);
    }

    [Fact]
    public void Who_is_not_invited_has_no_word() => Assert.False(Says(Stranger, 8));

    [Fact]
    public void Where_whoever_comes_may_the_first_who_does_is_no_majority()
    {
        Assert.True(Says(A, 900_000_000, Open(least: 1, A)));
        Assert.Equal(0, _heard.Value);
        Says(A, 9, Open(least: 4, A, B));
        Says(B, 9, Open(least: 4, A, B));
        Assert.Equal(0, _heard.Value);
        Assert.True(Says(C, 9, Open(least: 4, A, B, C)));
        Assert.Equal(9, _heard.Value);
    }

    [Fact]
    public void Where_several_run_the_sites_of_one_of_them_do_not_speak_for_all()
    {
        var plan = TestFederation.Plan(1, 1, "hospital-a");
        var two = new Federation
        {
            Epoch = 3,
            Phase = FederationPhase.Running,
            Plan = plan,
            Roster = Roster.Of([A, B]),
            Earlier = [new Federation { Phase = FederationPhase.Running, Plan = plan with { Id = new FederationId("beside") }, Roster = Roster.Of([C, Stranger]) }],
        };

        Says(A, 900_000_000, two);
        Says(B, 900_000_000, two);
        Assert.Equal(0, _heard.Value);
        Assert.True(Says(C, 9, two));
        Assert.Equal(9, _heard.Value);
    }

    private static Federation Open(int least, params ClientId[] came) => new()
    {
        Epoch = 3,
        Plan = TestFederation.Plan(1, 1) with { Anyone = new OpenInvitation(least, 9), Clients = [] },
        Roster = Roster.Of(came),
    };

    private bool Says(ClientId site, int epoch, Federation federation) => _heard.Heard(site, epoch, federation, _clock);

    private bool Says(ClientId site, int epoch) => Says(site, epoch, new Federation { Epoch = 3, Roster = Roster.Of([A, B, C]) });
}
