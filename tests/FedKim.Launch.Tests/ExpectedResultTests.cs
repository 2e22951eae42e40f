using FedKim.Launch.Reports;

namespace FedKim.Launch.Tests;

public sealed class ExpectedResultTests
{
    private const string Global = "70b603f6aaaa", Adapter = "f5ef2b73bbbb";

    [Theory]
    [InlineData("70b603f6", null)]
    [InlineData("70B603F6AAAA", null)]
    [InlineData("70b603f6, f5ef2b73", null)]
    [InlineData("70b603f7", "The global model is 70b603f6, and 70b603f7 was expected:")]
    [InlineData("70b603f6,f5ef2b74", "The adapters are f5ef2b73, and f5ef2b74 was expected:")]
    public void A_result_is_held_against_as_many_digits_as_are_said(string expected, string? difference)
    {
        string? found = ExpectedResult.Parse(expected)!.Difference(With(new ReportedResult(Global, Adapter)));

        Assert.Equal(difference is null, found is null);
        Assert.StartsWith(difference ?? "", found ?? "");
    }

    [Fact]
    public void A_result_that_is_not_there_is_not_the_expected_one() =>
        Assert.Equal("The global model is not there, and 70b603f6 was expected.", ExpectedResult.Parse("70b603f6")!.Difference(With(null)));

    [Theory]
    [InlineData("")]
    [InlineData("70b603f")]
    [InlineData("70b603fx")]
    [InlineData("70b603f6,")]
    [InlineData("70b603f6,f5ef2b73,00000000")]
    public void What_is_no_digest_is_no_expectation(string text) => Assert.Null(ExpectedResult.Parse(text));

    private static Report With(ReportedResult? result) => new() { Phase = "Completed", Evaluation = [], Result = result };
}
