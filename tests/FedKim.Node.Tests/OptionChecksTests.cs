using FedKim.Launch;
using FedKim.Node.Cli;
using FedKim.Testing;

namespace FedKim.Node.Tests;

public sealed class OptionChecksTests
{
    [Theory]
    [InlineData("up", "--servers", "4")]
    [InlineData("up", "--servers", "many")]
    [InlineData("up", "--hospitals", "0")]
    [InlineData("up", "--hospitals", "x")]
    [InlineData("up", "--hospitals", "65")]
    [InlineData("up", "--hospitals", "1000", "--per-node", "2")]
    [InlineData("up", "--per-node", "0")]
    [InlineData("up", "--bits", "all")]
    [InlineData("up", "--expect", "70b6")]
    [InlineData("up", "--per-node", "4", "--link", "outbound")]
    [InlineData("up", "--per-node", "4", "--security", "on")]
    [InlineData("data", "generate", "--out", "nowhere", "--hospitals", "0")]
    [InlineData("data", "generate", "--out", "nowhere", "--hospitals", "x")]
    [InlineData("experiment", "nowhere")]
    [InlineData("experiment", "nowhere", "--out", "")]
    [InlineData("experiment", "nowhere", "--out", "nowhere", "--jobs", "0")]
    [InlineData("experiment", "nowhere", "--out", "nowhere", "--jobs", "x")]
    [InlineData("federation", "show", "--why", "--round", "x")]
    [InlineData("federation", "show", "--why")]
    [InlineData("evaluate")]
    public async Task What_no_option_can_be_is_wrong_usage(params string[] words) => Assert.Equal(ExitCodes.Usage, await CommandLine.RunAsync(words));

    [Theory]
    [InlineData(ExitCodes.Ok, "experiment", "cluster/experiments/paper.conf", "--explain")]
    [InlineData(ExitCodes.Configuration, "experiment", "nowhere", "--explain")]
    [InlineData(ExitCodes.Configuration, "experiment", "tables", "nowhere")]
    public async Task What_is_explained_is_not_run_and_needs_no_folder(int code, params string[] words) =>
        Assert.Equal(code, await CommandLine.RunAsync([.. words.Select(word => word.StartsWith("cluster/", StringComparison.Ordinal) ? Path.Combine(Repository.Root, word) : word)]));

    [Theory]
    [InlineData("federation", "report", "--node", "127.0.0.1:1", "--out", "/dev/null")]
    [InlineData("model", "adapter", "import", "--from", "nowhere", "--out", "/dev/null")]
    public async Task A_device_is_no_file_to_write_to_and_stays_what_it_is(params string[] words)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such files.");
        Assert.Equal(ExitCodes.Configuration, await CommandLine.RunAsync(words));
    }

    [Fact]
    public void What_a_disk_does_to_a_node_at_work_is_no_reason_not_to_start_it_again()
    {
        Exception[] faults = [new IOException("Input/output error"), new UnauthorizedAccessException("denied"), new AggregateException(new IOException("Input/output error"))];
        Assert.All(faults, e => Assert.Equal((ExitCodes.Configuration, ExitCodes.Failed), (Failure.Of(e).Code, Failure.AtWork(e).Code)));
        Assert.Equal(ExitCodes.Configuration, Failure.AtWork(new Configuration.InvalidConfigurationException(["x"])).Code);
    }
}
