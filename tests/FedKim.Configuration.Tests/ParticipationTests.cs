using FedKim.Rounds;
using FedKim.Testing;

namespace FedKim.Configuration.Tests;

/// <summary>Who takes part in a federation, as its file says.</summary>
public sealed class ParticipationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_a_word_of_it_all_named_sites_are_asked_and_waited_for()
    {
        var plan = Plan("clients = [b, a, c], quorum = 60 %");
        Assert.Equal([new ClientId("a"), new ClientId("b"), new ClientId("c")], plan.Clients);
        Assert.Equal((null, Selection.All, null, 2, 0), (plan.Anyone, plan.Selection, plan.SkipAfter, plan.Quorum, plan.QuorumShare));
    }

    [Fact]
    public void Whoever_is_certified_may_come_and_the_quorum_is_of_the_least()
    {
        var plan = Plan("clients = any, least = 3, most = 20, quorum = 60 %");
        Assert.Empty(plan.Clients);
        Assert.Equal((new OpenInvitation(3, 20), 2), (plan.Anyone, plan.Quorum));
        Assert.Equal(new OpenInvitation(3, OpenInvitation.DefaultMost), Plan("clients = any, least = 3, quorum = 2").Anyone);
        Assert.Equal(["hospital-a", "hospital-b", "hospital-c"], FederationFile.Sites(plan));
        Assert.Equal(["hospital-a", "hospital-b", "hospital-c"], FederationFile.Sites(_folder["f.conf"]));
    }

    [Fact]
    public void A_round_asks_a_share_of_the_sites_and_its_quorum_is_of_those()
    {
        var plan = Plan("clients = [a, b, c, d, e, f], selection = 50 %, quorum = 100 %");
        Assert.Equal((new Selection(0.5), 3), (plan.Selection, plan.Quorum));
        Assert.Equal(new Selection(0.5, ByData: true), Plan("clients = [a, b], selection = 50 % by data, quorum = 1").Selection);
        Assert.Equal(Selection.All, Plan("clients = [a, b], selection = all, quorum = 1").Selection);
    }

    [Fact]
    public void Who_is_away_is_skipped_after_a_while_and_a_share_of_the_samples_is_asked_for()
    {
        var plan = Plan("clients = [a, b], quorum = 1, absent = skip after 10 minutes, quorum-share = 80 %");
        Assert.Equal((TimeSpan.FromMinutes(10), 0.8), (plan.SkipAfter, plan.QuorumShare));
        var other = Plan("clients = [a, b], quorum = 1, absent = wait, quorum-share = none");
        Assert.Equal((null, 0), (other.SkipAfter, other.QuorumShare));
    }

    [Theory]
    [InlineData("clients = anybody, least = 2, quorum = 1", "federation.clients is \"anybody\"; allowed are any.")]
    [InlineData("clients = any, quorum = 1", "federation.least is missing; set it to a whole number, 1 to 10000.")]
    [InlineData("clients = any, least = 3, most = 2, quorum = 1", "federation.most is 2, and 3 sites must be here before the first round (least). Raise it, or lower least.")]
    [InlineData("clients = any, least = 3, quorum = 4", "federation.quorum is 4, but the federation begins with as few as 3 sites (least). Lower the quorum, or raise least.")]
    [InlineData("clients = [a, b], least = 2, quorum = 1", "federation.least is of no use where clients names the sites. Take it out, or write clients = any.")]
    [InlineData("clients = [a, b, c, d], selection = 50 %, quorum = 3", "federation.quorum is 3, but a round asks 2 of 4 sites (selection). Lower the quorum, or let it ask more.")]
    [InlineData("clients = [a, b], selection = half, quorum = 1", "federation.selection is \"half\"; it must be all, or a share of the sites above 0 % such as 50 %, or 50 % by data.")]
    [InlineData("clients = [a, b], selection = 0 %, quorum = 1", "federation.selection is \"0 %\"; it must be all")]
    [InlineData("clients = [a, b], absent = skip, quorum = 1", "federation.absent is \"skip\"; it must be wait, or skip after and a time, such as skip after 10 minutes.")]
    [InlineData("clients = [a, b], quorum-share = 0.8, quorum = 1", "federation.quorum-share is \"0.8\"; it must be a share of the samples, 1 % to 100 %, or none.")]
    public void What_cannot_be_meant_is_said(string settings, string problem) =>
        Assert.Contains(Assert.Throws<InvalidConfigurationException>(() => Plan(settings)).Problems, p => p.Contains(problem, StringComparison.Ordinal));

    [Theory]
    [InlineData("clients = any, least = 3, quorum = 1", "clients was a, b and is any")]
    [InlineData("clients = [a, b], quorum = 1, absent = skip after 10 minutes", "absent was wait and is skip after 10 min")]
    [InlineData("clients = [a, b], quorum = 1, selection = 50 %", "selection.fraction was 1 and is 0.5")]
    [InlineData("clients = [a, b], quorum = 1, quorum-share = 80 %", "quorum-share was 0 and is 0.8")]
    public void Another_plan_is_named_by_what_differs(string settings, string difference) =>
        Assert.Equal(difference, PlanDifference.First(Plan("clients = [a, b], quorum = 1"), Plan(settings)));

    private FederationPlan Plan(string settings) => FederationFile.Parse(_folder.Write("f.conf",
        $"federation {{ name = small, seed = 1, rounds = 2, deadline = 30 s, strategy = fedavg, method = rehearsal, rehearsal.mebibytes = 1, {settings} }}")).Plan;
}
