using Akka.Actor;
using FedKim.Actors.Server;
using FedKim.Actors.Server.Rounds;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Testing;
using FedKim.Transfer;

namespace FedKim.Actors.Tests;

/// <summary>What a site's no means, before its update counts and after.</summary>
public sealed class WithdrawalTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2031, 5, 14, 9, 0, 0, TimeSpan.Zero);
    private static readonly ClientId A = new("hospital-a"), B = new("hospital-b");
    private static readonly Digest Model = new(new string('a', 64)), Update = new(new string('b', 64));
    private static readonly string Refuses = SiteSentences.RefusesPlan.Say().Text;

    private readonly TemporaryFolder _folder = new();
    private readonly Round _training, _aggregating;
    private readonly ServerContext _server;

    public WithdrawalTests()
    {
        _training = After(
            new Round(new RoundId(new FederationId("demo"), 1)), new RoundEvents.Opened(Model, Model, null, [A, B], 1, Now), new RoundEvents.TrainingStarted(Now),
            new RoundEvents.ContributionAccepted(A, Update, SampleCounts.Of([("a-task", 3)]), 0.5, Now));
        _aggregating = After(_training, new RoundEvents.ClientDropped(B, "no update", Now), new RoundEvents.CollectionClosed(Now));
        _server = new ServerContext(
            "server", new WeightStore(_folder["weights"]), new Spool(_folder["spool"]), "http://127.0.0.1:1", _folder["scratch"], ActorRefs.Nobody, ActorRefs.Nobody,
            TimeProvider.System);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Who_has_not_contributed_is_dropped() =>
        Assert.Equal(new RoundCommands.Drop(B, Refuses), Withdrawal.Of(new SiteMessages.CannotContribute(_training.Id, B, Refuses), _training, _server));

    [Fact]
    public void A_counted_update_that_is_lost_and_refused_ends_the_round_that_would_wait_for_it_for_ever()
    {
        var end = Assert.IsType<RoundCommands.Abandon>(Withdrawal.Of(new SiteMessages.CannotContribute(_aggregating.Id, A, Refuses), _aggregating, _server));
        Assert.StartsWith("The update of hospital-a, which counted, is not at this server any more", end.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void What_may_come_right_ends_nothing()
    {
        string passing = SiteSentences.Other.Say().Text;
        Assert.IsType<RoundCommands.Drop>(Withdrawal.Of(new SiteMessages.CannotContribute(_aggregating.Id, A, passing), _aggregating, _server));
        Assert.IsType<RoundCommands.Drop>(Withdrawal.Of(new SiteMessages.CannotContribute(_training.Id, A, Refuses), _training, _server));
    }

    private static Round After(Round round, params IRoundEvent[] events) => events.Aggregate(round, RoundRules.Apply);
}
