using FedKim.Launch;
using FedKim.Node.Cli;


namespace FedKim.Node.Tests;

public sealed class ModelCommandsTests
{
    [Theory]
    [InlineData("--temperature", "-1")]
    [InlineData("--temperature", "NaN")]
    [InlineData("--temperature", "warm")]
    [InlineData("--top-k", "0")]
    [InlineData("--top-k", "few")]
    [InlineData("--top-p", "0")]
    [InlineData("--top-p", "1.1")]
    [InlineData("--tokens", "-1")]
    [InlineData("--seed", "1.5")]
    public async Task A_way_to_generate_that_is_none_is_wrong_usage(string option, string value) =>
        Assert.Equal(ExitCodes.Usage, await CommandLine.RunAsync(["model", "generate", "--model", "nowhere", option, value, "prompt"]));

    [Fact]
    public async Task A_prompt_is_needed() => Assert.Equal(ExitCodes.Usage, await CommandLine.RunAsync(["model", "generate", "--model", "nowhere"]));
}
