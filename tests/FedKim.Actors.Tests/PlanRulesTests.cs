using FedKim.Actors.Hospital.Plans;

namespace FedKim.Actors.Tests;

/// <summary>For which plans a site trains: every case, row by row.</summary>
public sealed class PlanRulesTests
{
    private const string Federation = "demo", Digest = "3f0a77ab3f0a77ab";

    [Theory]
    [InlineData(AcceptedPlans.Certified, "", PlanWord.None, true, PlanVerdict.Train)]
    [InlineData(AcceptedPlans.Certified, "", PlanWord.Approved, true, PlanVerdict.Train)]
    [InlineData(AcceptedPlans.Certified, "", PlanWord.Refused, true, PlanVerdict.Refuse)]
    [InlineData(AcceptedPlans.Certified, "", PlanWord.None, false, PlanVerdict.Wait)]
    [InlineData(AcceptedPlans.Certified, "", PlanWord.Approved, false, PlanVerdict.Train)]
    [InlineData(AcceptedPlans.Certified, "", PlanWord.Refused, false, PlanVerdict.Refuse)]
    [InlineData(AcceptedPlans.Listed, "other", PlanWord.None, true, PlanVerdict.Refuse)]
    [InlineData(AcceptedPlans.Listed, "other", PlanWord.Approved, true, PlanVerdict.Refuse)]
    [InlineData(AcceptedPlans.Listed, Federation, PlanWord.None, true, PlanVerdict.Train)]
    [InlineData(AcceptedPlans.Listed, Digest, PlanWord.None, true, PlanVerdict.Train)]
    [InlineData(AcceptedPlans.Listed, Federation, PlanWord.Refused, true, PlanVerdict.Refuse)]
    [InlineData(AcceptedPlans.Listed, Federation, PlanWord.None, false, PlanVerdict.Wait)]
    [InlineData(AcceptedPlans.Listed, Federation, PlanWord.Approved, false, PlanVerdict.Train)]
    [InlineData(AcceptedPlans.Listed, "other", PlanWord.None, false, PlanVerdict.Refuse)]
    [InlineData(AcceptedPlans.Ask, "", PlanWord.None, true, PlanVerdict.Wait)]
    [InlineData(AcceptedPlans.Ask, "", PlanWord.Approved, true, PlanVerdict.Train)]
    [InlineData(AcceptedPlans.Ask, "", PlanWord.Refused, true, PlanVerdict.Refuse)]
    [InlineData(AcceptedPlans.Ask, "", PlanWord.None, false, PlanVerdict.Wait)]
    [InlineData(AcceptedPlans.Ask, "", PlanWord.Approved, false, PlanVerdict.Train)]
    [InlineData(AcceptedPlans.Ask, "", PlanWord.Refused, false, PlanVerdict.Refuse)]
    public void The_file_and_the_word_decide(AcceptedPlans accept, string listed, PlanWord word, bool isSure, PlanVerdict expected) =>
        Assert.Equal(expected, PlanRules.Decide(new PlanAcceptance(accept, listed.Length == 0 ? [] : [listed]), Federation, Digest, word, isSure));

    [Fact]
    public void A_whole_digest_in_the_file_is_no_federations_name_and_a_digest_that_is_begun_is_no_digest()
    {
        string digest = new('a', 64), other = new('b', 64);
        PlanAcceptance whole = new(AcceptedPlans.Listed, [digest]), begun = new(AcceptedPlans.Listed, [digest[..12], "demo", digest]);

        Assert.Equal(PlanVerdict.Train, PlanRules.Decide(whole, Federation, digest, PlanWord.None));
        Assert.Equal(PlanVerdict.Train, PlanRules.Decide(whole, Federation, digest.ToUpperInvariant(), PlanWord.None));
        Assert.Equal(PlanVerdict.Refuse, PlanRules.Decide(whole, digest, other, PlanWord.None));
        Assert.Equal(PlanVerdict.Refuse, PlanRules.Decide(new PlanAcceptance(AcceptedPlans.Listed, [digest[..12]]), Federation, digest, PlanWord.None));
        Assert.Equal([digest[..12]], begun.Begun);
    }
}
