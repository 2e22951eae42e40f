namespace FedKim.Experiments.Tests;

public sealed class ComparisonTests
{
    [Theory]
    [InlineData(0.01, 0.03, false, "helps")]
    [InlineData(-0.01, 0.03, false, "no difference shown")]
    [InlineData(0, 0, false, "no difference shown")]
    [InlineData(0, 0.03, false, "no difference shown")]
    [InlineData(-0.03, -0.01, false, "hurts")]
    [InlineData(0.01, 0.03, true, "hurts")]
    [InlineData(-0.03, -0.01, true, "helps")]
    [InlineData(-0.01, 0.03, true, "no difference shown")]
    public void Only_an_interval_without_0_shows_a_difference(double low, double high, bool lessIsBetter, string word) =>
        Assert.Equal(word, new Comparison("x", (low + high) / 2, low, high, lessIsBetter).Word);

    [Fact]
    public void Its_sentence_has_what_it_is_against_and_the_interval_with_signs() =>
        Assert.Equal("against always-no: no difference shown, +0.010 (−0.020 to +0.040)", new Comparison("always-no", 0.01, -0.02, 0.04).ToString());
}
