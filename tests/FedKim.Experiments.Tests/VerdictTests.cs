
namespace FedKim.Experiments.Tests;

public sealed class VerdictTests
{
    [Theory]
    [InlineData(0.9, 0.8, 0.7, true, "beats small (0.800) and constant (0.700)")]
    [InlineData(0.75, 0.8, 0.7, false, "does not beat small (0.800); beats constant (0.700)")]
    [InlineData(0.6, 0.8, 0.7, false, "does not beat small (0.800) and constant (0.700)")]
    [InlineData(0.8004, 0.8, 0.7, false, "only equals small (0.800); beats constant (0.700)")]
    public void A_model_is_compared_with_each_of_its_rivals(double own, double small, double constant, bool beats, string sentence) =>
        Assert.Equal(
            new Verdict(beats, sentence),
            Verdict.Of(new OverSeeds(own, 0.001, 3), [("small", new OverSeeds(small, 0.001, 3)), ("constant", new OverSeeds(constant, 0, 3))]));

    [Theory]
    [InlineData(0.10, 0.02)]
    [InlineData(0.02, 0.10)]
    public void A_lead_smaller_than_what_the_seed_decides_is_none(double own, double rival) =>
        Assert.Equal(
            new Verdict(false, "is ahead of small (0.800) by less than the seeds differ"),
            Verdict.Of(new OverSeeds(0.85, own, 3), [("small", new OverSeeds(0.8, rival, 3))]));

    [Fact]
    public void Without_a_rival_there_is_no_verdict() =>
        Assert.Equal(new Verdict(null, "nothing to compare with"), Verdict.Of(new OverSeeds(1, null, 1), []));
}
