using System.Collections.Immutable;
using FedKim.Learning;

namespace FedKim.Experiments.Tests;

public sealed class EvaluationTableTests
{
    private static readonly ImmutableArray<TaskEvaluation> Measured =
    [
        Of("lung-opacity", "training", "fedkim", 0.95, (0.93, 0.97)), Of("lung-opacity", "training", Method.SmallModels, 0.9, (0.88, 0.92)),
        Of("ectopic-beats", "zero-shot", "fedkim", 0.7, (0.6, 0.8)), Of("ectopic-beats", "zero-shot", Method.SmallModels, 0.75, (0.65, 0.85), "ecg-abnormal"),
    ];

    [Theory]
    [InlineData(100)]
    [InlineData(80)]
    public void No_line_is_wider_than_the_terminal_and_no_figure_is_broken(int width)
    {
        string[] lines = Printed(width);
        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        Assert.Contains(lines, line => line.Contains("0.950  0.930–0.970", StringComparison.Ordinal));
    }

    [Fact]
    public void A_task_has_a_row_a_method_and_the_best_constant_answer_beside_it()
    {
        string[] lines = Printed(100);
        Assert.Equal(4, lines.Count(line => line.EndsWith("0.833", StringComparison.Ordinal)));
        Assert.Single(lines, line => line.Contains("lung-opacity", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("prec.", StringComparison.Ordinal) && line.Contains("recall", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_shown_of_a_task_is_a_sentence() => Assert.Equal(
        [
            "lung-opacity: the foundation model helps, AUROC 0.950 with the foundation model and 0.900 without",
            "ectopic-beats: no difference shown, AUROC 0.700 with the foundation model and 0.750 without, where ecg-abnormal answers",
        ],
        EvaluationSentences.Of(Measured));

    [Fact]
    public void It_hurts_where_all_of_its_interval_lies_below() => Assert.Equal(
        "a: the foundation model hurts, AUROC 0.500 with the foundation model and 0.800 without",
        Assert.Single(EvaluationSentences.Of([Of("a", "training", "fedkim", 0.5, (0.4, 0.6)), Of("a", "training", Method.SmallModels, 0.8, (0.7, 0.9))])));

    [Fact]
    public void Of_controls_and_of_one_method_alone_nothing_is_said() => Assert.Empty(EvaluationSentences.Of(
        [Of("a", "training", Control.BareModel, 0.5, (0.4, 0.6)), Of("a", "training", Method.SmallModels, 0.8, (0.7, 0.9)), Of("b", "training", "fedkim", 0.5, (0.4, 0.6))]));

    private static string[] Printed(int width) => [.. EvaluationTable.Of(Measured, width)];

    private static TaskEvaluation Of(string task, string kind, string method, double auroc, (double Low, double High) interval, string? decoder = null) => new(
        task, kind, method, 240, 0.9, 0.5, 0.6, 0.55, auroc, null, 0, interval.Low, interval.High,
        ImmutableSortedDictionary<string, TrivialBaseline>.Empty.Add("always-no", new(0.833, 0, 0, 0)).Add("always-yes", new(0.167, 0.167, 1, 0.286)), Decoder: decoder);
}
