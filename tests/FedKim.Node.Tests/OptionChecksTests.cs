using FedKim.Node.Cli;

namespace FedKim.Node.Tests;

public sealed class OptionChecksTests
{
    [Theory]
    [InlineData("up", "--servers", "4")]
    [InlineData("up", "--servers", "many")]
    [InlineData("up", "--hospitals", "0")]
    [InlineData("up", "--hospitals", "x")]
    [InlineData("data", "generate", "--out", "nowhere", "--hospitals", "0")]
    [InlineData("data", "generate", "--out", "nowhere", "--hospitals", "x")]
    [InlineData("experiment", "nowhere", "--out", "nowhere", "--jobs", "0")]
    [InlineData("experiment", "nowhere", "--out", "nowhere", "--jobs", "x")]
    [InlineData("federation", "show", "--why", "--round", "x")]
    [InlineData("federation", "show", "--why")]
    [InlineData("evaluate")]
    public async Task What_no_option_can_be_is_wrong_usage(params string[] words) => Assert.Equal(ExitCodes.Usage, await CommandLine.RunAsync(words));
}
