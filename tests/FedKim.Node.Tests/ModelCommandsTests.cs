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
    [InlineData("--layers", "0")]
    [InlineData("--width", "4096")]
    [InlineData("--heads", "many")]
    [InlineData("--pieces", "100")]
    [InlineData("--steps", "-1")]
    public async Task A_size_that_is_none_is_wrong_usage(string option, string value) =>
        Assert.Equal(ExitCodes.Usage, await CommandLine.RunAsync(["model", "pretrain", "--corpus", "nowhere", "--out", "nowhere", option, value]));

    [Theory]
    [InlineData("--steps", "10")]
    [InlineData("--shuffled")]
    public async Task What_is_said_of_a_corpus_needs_a_corpus(params string[] options) =>
        Assert.Equal(ExitCodes.Usage, await CommandLine.RunAsync(["model", "pretrain", "--out", "nowhere", .. options]));

    [Theory]
    [InlineData(ExitCodes.Data, "{")]
    [InlineData(ExitCodes.Configuration, "{\"text\": \"Fine.\"}", "--out", ".")]
    [InlineData(ExitCodes.Data, "{\"text\": \"Fine.\"}", "--width", "30")]
    public async Task A_corpus_that_cannot_be_learned_leaves_no_folder(int code, string line, params string[] options)
    {
        var folder = Directory.CreateTempSubdirectory("fedkim-");
        try
        {
            string corpus = Path.Combine(folder.FullName, "corpus.jsonl"), made = Path.Combine(folder.FullName, "made");
            File.WriteAllText(corpus, line);

            Assert.Equal(code, await CommandLine.RunAsync(["model", "pretrain", "--corpus", corpus, .. options.Contains("--out") ? options : ["--out", made, .. options]]));

            Assert.False(Directory.Exists(made));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

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
