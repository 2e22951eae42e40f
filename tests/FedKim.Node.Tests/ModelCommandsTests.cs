using FedKim.Launch;
using FedKim.Node.Cli;
using FedKim.Parameters;

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

    [Theory]
    [InlineData("another")]
    [InlineData("own")]
    [InlineData("broken")]
    public async Task A_report_of_other_adapters_or_of_no_router_is_refused(string digest)
    {
        var folder = Directory.CreateTempSubdirectory("fedkim-");
        try
        {
            string adapters = Path.Combine(folder.FullName, "adapters"), report = Path.Combine(folder.FullName, "report.json");
            File.WriteAllText(adapters, "adapters");
            string of = digest == "own" ? Digests.OfFile(adapters).Hex : digest;
            File.WriteAllText(report, digest == "broken" ? "{" : $$"""{ "phase": "Completed", "evaluation": [], "result": { "globalSha256": null, "adapterSha256": "{{of}}" } }""");

            int code = await CommandLine.RunAsync(["model", "adapter", "export", "--from", adapters, "--model", folder.FullName, "--report", report, "--out", Path.Combine(folder.FullName, "out")]);

            Assert.Equal(ExitCodes.Configuration, code);
            Assert.False(Directory.Exists(Path.Combine(folder.FullName, "out")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_prompt_is_needed() => Assert.Equal(ExitCodes.Usage, await CommandLine.RunAsync(["model", "generate", "--model", "nowhere"]));
}
