using System.Text.Json.Nodes;
using FedKim.Learning;

namespace FedKim.Experiments.Tests;

public sealed class CellReportTests
{
    [Fact]
    public void What_a_report_does_not_give_is_no_rate()
    {
        var own = Reports.Completed("fedkim", Reports.Entry("pneumonia", "fedkim", 0.75)).Own("pneumonia")!;

        Assert.Equal(["accuracy", "f1", "precision", "recall"], own.Rates.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((0.75, 100, 0.25, 0.5, 0.75), (own.Rates["accuracy"], own.N, own.Unparsed, own.Low, own.High));
        Assert.Equal(0.6, own.Trivial["always-no"]["accuracy"]);
        Assert.False(own.Trivial["always-no"].ContainsKey(Rate.Auroc));
    }

    [Fact]
    public void What_a_model_says_freely_stands_beside_what_it_decides_and_what_does_not_speak_says_what_it_decides()
    {
        var entry = Reports.Entry("pneumonia", "fedkim", 0.75);
        entry["greedy"] = JsonNode.Parse("""{ "accuracy": 0.5, "precision": 0.4, "recall": 0.3, "f1": 0.2 }""");

        var report = Reports.Completed("fedkim", entry, Reports.Entry("pneumonia", "small-models", 0.8));

        Assert.Equal((0.75, 0.5, 0.2), (report.Own("pneumonia")!.Rates["accuracy"], report.Own("pneumonia")!.Rates["greedy-accuracy"], report.Own("pneumonia")!.Rates["greedy-f1"]));
        Assert.Equal(0.8, report.SmallModels("pneumonia")!.Rates["greedy-accuracy"]);
        Assert.Equal(0.6, report.Own("pneumonia")!.Trivial["always-no"]["greedy-accuracy"]);
        Assert.Equal("greedy F1", Rate.Title("greedy-f1"));
    }

    [Fact]
    public void A_constant_answer_puts_no_sample_before_another() =>
        Assert.All(
            Reports.Completed("fedkim", Reports.Entry("pneumonia", "fedkim", 0.75, auroc: 0.9)).Own("pneumonia")!.Trivial.Values,
            rates => Assert.Equal(0.5, rates[Rate.Auroc]));

    [Fact]
    public void Generated_answers_have_a_bleu_of_every_order_and_no_accuracy()
    {
        var entry = JsonNode.Parse("""
            {
              "task": "vqa", "kind": "zero-shot", "method": "fedkim", "n": 9, "accuracy": null, "precision": null, "recall": null, "f1": null, "auroc": null,
              "bleu": 0.125, "bleus": [0.5, 0.25, 0.2, 0.125], "exactMatch": 0.3, "unparsed": 0, "low": 0.1, "high": 0.2,
              "trivial": { "always-no": { "accuracy": null, "precision": null, "recall": null, "f1": null, "bleu": 0.02, "exactMatch": 0.2 } }
            }
            """)!.AsObject();

        var own = Reports.Completed("fedkim", entry).Own("vqa")!;

        Assert.Equal(["bleu", "bleu-1", "bleu-2", "bleu-3", "bleu-4", "exact-match"], own.Rates.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((0.125, 0.25, 0.3), (own.Rates["bleu"], own.Rates["bleu-2"], own.Rates["exact-match"]));
        Assert.Equal(0.02, own.Trivial["always-no"]["bleu"]);
    }

    [Fact]
    public void Small_models_are_those_beside_the_federations_own_model_and_its_own_where_there_is_no_other()
    {
        var injected = Reports.Completed("fedkim", Reports.Entry("pneumonia", "fedkim", 0.7), Reports.Entry("pneumonia", "small-models", 0.8));
        var small = Reports.Completed("small-models", Reports.Entry("pneumonia", "small-models", 0.9));

        Assert.Equal((0.7, 0.8), (injected.Own("pneumonia")!.Rates["accuracy"], injected.SmallModels("pneumonia")!.Rates["accuracy"]));
        Assert.Equal(0.9, small.Own("pneumonia")!.Rates["accuracy"]);
        Assert.Null(small.SmallModels("pneumonia"));
        Assert.Null(injected.Own("effusion"));
    }

    [Fact]
    public void A_federation_that_did_not_come_to_its_end_tells_its_cause()
    {
        var report = CellReport.Parse("""{ "phase": "Failed", "cause": "Round 2 failed: no quorum.", "method": "fedkim", "evaluation": [] }""");

        Assert.Equal((false, "Round 2 failed: no quorum."), (report.Completed, report.Cause));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{ "phase": "Completed", "evaluation": [{ "task": "x" }] }""")]
    [InlineData("""{ "phase": "Completed", "evaluation": [{ "task": "x", "method": "m", "n": 1, "accuracy": "high" }] }""")]
    public void What_is_no_report_is_said_to_be_none(string text) =>
        Assert.StartsWith("The report cannot be read: ", Assert.Throws<LearningException>(() => CellReport.Parse(text)).Message);
}
