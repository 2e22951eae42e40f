using System.Text.Json.Nodes;

namespace FedKim.Bench.Tests;

/// <summary>Figures are held against those of the repository.</summary>
public sealed class OutcomeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-").FullName;

    [Theory]
    [InlineData(2.0, 0)]
    [InlineData(2.9, 0)]
    [InlineData(3.1, 1)]
    public async Task A_ratio_may_be_half_as_much_again_as_the_committed_one_and_no_more(double ratio, int code)
    {
        string committed = Path.Combine(_folder, "committed.json");
        await new Outcome(committed, null).EndAsync(Ran("rounds", 5, 2.0), TestContext.Current.CancellationToken);

        Assert.Equal(code, await new Outcome(null, committed).EndAsync(Ran("rounds", 5, ratio, cores: 64), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void What_is_worse_is_named_with_both_ratios()
    {
        string sentence = Assert.Single(Outcome.Worse(Ran("rounds", 5, 3.25), Ran("rounds", 5, 2.0)));

        Assert.Equal("round: 3.25 × its floor is more than 1.5 times the 2 × that are committed.", sentence);
    }

    [Fact]
    public void A_ratio_that_is_no_longer_measured_holds_nothing()
    {
        Assert.Throws<KeyNotFoundException>(() => Outcome.Worse(Ran("rounds", 5, 2.0, name: "other"), Ran("rounds", 5, 2.0)).ToList());
        Assert.Single(Outcome.Worse(Ran("rounds", 5, null), Ran("rounds", 5, 2.0)));
    }

    [Theory]
    [InlineData("aggregate", 5)]
    [InlineData("rounds", 20)]
    public void Another_bench_or_other_options_are_no_comparison(string bench, int clients) =>
        Assert.Throws<InvalidOperationException>(() => Outcome.Worse(Ran("rounds", 5, 2.0), Ran(bench, clients, 2.0)).ToList());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("no JSON")]
    public async Task A_file_that_is_not_there_or_holds_no_figures_is_told(string? text)
    {
        string committed = Path.Combine(_folder, "committed.json");
        if (text is not null)
            await File.WriteAllTextAsync(committed, text, TestContext.Current.CancellationToken);

        Assert.Equal(2, await new Outcome(null, committed).EndAsync(Ran("rounds", 5, 2.0), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void What_CI_holds_ratios_against_holds_some()
    {
        foreach (string bench in (string[])["rounds", "aggregate", "injection"])
        {
            string file = Path.Combine(AppContext.BaseDirectory, "committed", $"{bench}.json");
            var committed = JsonNode.Parse(File.ReadAllText(file))!;

            Assert.Equal(bench, (string?)committed["bench"]);
            Assert.Contains(committed["results"]!.AsArray(), row => (double?)row!["ratio"] > 0);
            Assert.Empty(Outcome.Worse(committed, committed));
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static JsonObject Ran(string bench, int clients, double? ratio, string name = "round", int cores = 2) => new()
    {
        ["bench"] = bench,
        ["parameters"] = new JsonObject { ["clients"] = clients, ["cores"] = cores },
        ["results"] = new JsonArray(
            Figures.Row(name, "s", [ratio ?? 1], ratio is null ? null : 1),
            // What has no floor is not held.
            Figures.Row("processors' time", "ms", [5])),
    };
}
