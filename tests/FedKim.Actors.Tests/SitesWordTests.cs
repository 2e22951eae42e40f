using FedKim.Actors.Hospital.Plans;
using FedKim.Learning.Rehearsal;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>A site that is to be asked trains for what its people approve, and for nothing else; the others are not held up by more than the deadline.</summary>
public sealed class SitesWordTests
{
    private static readonly string[] Sites = ["hospital-a", "hospital-b", "hospital-c"];

    private static string Rehearsal => new SitePlan("rehearsal", 7, "fedavg", new RehearsalPlan(1).ToJson()).Digest();

    [Fact]
    public async Task A_plan_waits_for_its_sites_word_and_is_trained_for_once_that_is_said()
    {
        await using var federation = await TestFederation.Start(Sites, f => f.Accept["hospital-c"] = new PlanAcceptance(AcceptedPlans.Ask, []));
        await federation.Submit(TestFederation.Plan(rounds: 2, quorum: 3, Sites));

        var waits = await federation.Await<FederationQueries.Clients>(
            new FederationQueries.GetClients(), c => c.Items.Any(i => i.Status.Problem == SiteSentences.AwaitsWord.Say().Text));
        await federation.Accepted(round: 1, count: 2);
        var shown = await federation.AskSite<PlanMessages.Plans>("hospital-c", new PlanMessages.GetPlans());
        var unknown = await federation.AskSite<PlanMessages.Unsaid>("hospital-c", new PlanMessages.Say("other", PlanWord.Approved, ""));
        var approved = await federation.AskSite<PlanView>("hospital-c", new PlanMessages.Say(Rehearsal, PlanWord.Approved, ""));
        var end = await federation.AwaitEnd();
        var second = await federation.Ask<RoundView>(new FederationQueries.GetRound(2));

        Assert.Equal(("hospital-c", "waiting"), waits.Items.Where(i => i.Status.Problem.Length > 0).Select(i => (i.Client, i.Status.Activity)).Single());
        Assert.Equal(("rehearsal", PlanVerdict.Wait, PlanWord.None), shown.Items.Select(p => (p.Federation, p.Verdict, p.Word)).Single());
        Assert.Contains("asked for no plan other", unknown.Why);
        Assert.Equal((PlanVerdict.Train, PlanWord.Approved), (approved.Verdict, approved.Word));
        // The second round is of the same plan, and nobody is asked again.
        Assert.Equal(("Completed", 3), (end.Phase, second.AcceptedCount));
    }

    [Fact]
    public async Task What_a_site_refuses_is_a_drop_with_that_cause_and_what_it_approves_later_lets_the_next_round_in()
    {
        var gate = new Gate();
        await using var federation = await TestFederation.Start([], f =>
        {
            f.Accept["hospital-c"] = new PlanAcceptance(AcceptedPlans.Ask, []);
            f.Training["hospital-b"] = new Counted(gate);
        });
        foreach (string site in Sites)
            federation.StartHospital(site);
        await federation.Submit(TestFederation.Plan(rounds: 2, quorum: 2, Sites));
        await federation.Await<FederationQueries.Clients>(new FederationQueries.GetClients(), c => c.Items.Any(i => i.Status.Activity == "waiting"));

        await federation.AskSite<PlanView>("hospital-c", new PlanMessages.Say(Rehearsal, PlanWord.Refused, "the committee has not met"));
        var first = (RoundView)await federation.Await<object>(new FederationQueries.GetRound(1), r => r is RoundView { DroppedCount: 1 });
        await federation.AskSite<PlanView>("hospital-c", new PlanMessages.Say(Rehearsal, PlanWord.Approved, ""));
        gate.Open();
        var end = await federation.AwaitEnd();
        var second = await federation.Ask<RoundView>(new FederationQueries.GetRound(2));

        Assert.Equal(("hospital-c", SiteSentences.RefusesPlan.Say().Text), first.Dropped.Select(d => (d.Client, d.Reason)).Single());
        Assert.Equal(("Completed", 3), (end.Phase, second.AcceptedCount));
    }

    [Fact]
    public async Task A_word_outlives_the_sites_process_and_the_federation_goes_on_without_the_site_that_refused()
    {
        await using var federation = await TestFederation.Start(Sites, f => f.Accept["hospital-c"] = new PlanAcceptance(AcceptedPlans.Listed, ["other"]));
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 2, Sites));
        var end = await federation.AwaitEnd();
        var round = await federation.Ask<RoundView>(new FederationQueries.GetRound(1));
        await federation.Crash("hospital-c");
        federation.Accept.Remove("hospital-c");
        federation.StartHospital("hospital-c");
        await federation.AskSite<PlanView>("hospital-c", new PlanMessages.Say(Rehearsal, PlanWord.Refused, "no"));
        await federation.Crash("hospital-c");
        federation.StartHospital("hospital-c");

        var plans = await federation.AskSite<PlanMessages.Plans>("hospital-c", new PlanMessages.GetPlans());

        Assert.Equal(("Completed", 2), (end.Phase, round.AcceptedCount));
        Assert.Equal(SiteSentences.RefusesPlan.Say().Text, round.Dropped.Single().Reason);
        Assert.Equal((PlanVerdict.Refuse, PlanWord.Refused, "no"), plans.Items.Select(p => (p.Verdict, p.Word, p.Reason)).Single());
    }
}
