using System.Collections.Immutable;
using FedKim.Configuration;

namespace FedKim.Experiments.Tests;

public sealed class ExplanationTests
{
    [Fact]
    public void It_says_what_is_run_what_each_table_compares_and_what_differs_from_what_it_stands_for()
    {
        const string Expected = """
            trial: 4 federations, 2 methods under the seeds 1, 2

            Methods, with what each sets in place of small.conf
              all: nothing
              one (One alone): method = "fedkim", training-tasks = [pneumonia]

            Tables
              table (A table)
                stands for: Table 7
                tasks: pneumonia, effusion
                compares: all, one (on pneumonia)
                beside: the small models of each, and constant answers
                by: accuracy, or the first that the task has of AUROC, BLEU; drawn as a radar
                each with: all, patient by patient

            Otherwise than what its tables stand for
              - Fewer rounds.
              - Other data.

            """;
        var plan = Reports.Experiment(["all", "one"], [1, 2], [Reports.Pneumonia, Reports.Effusion], "accuracy", "auroc", "bleu");
        plan = plan with
        {
            Methods = [new ComparedMethod("all", "all"), new ComparedMethod("one", "One alone") { Without = [Reports.Effusion] }],
            Tables = [plan.Tables[0] with { StandsFor = "Table 7", Radar = true, Rival = "all" }],
            Deviations = ["Fewer rounds.", "Other data."],
        };

        Assert.Equal(Expected, Explanation.Of(Experiment(plan)));
    }

    [Fact]
    public void It_says_by_which_column_samples_are_in_groups()
    {
        var plan = Reports.Experiment(["all"], [3], [Reports.Pneumonia], "accuracy");
        plan = plan with { Tables = [plan.Tables[0] with { Groups = ImmutableSortedDictionary<string, string>.Empty.Add(Reports.Pneumonia, "sex") }] };

        Assert.Contains("    by: accuracy\n    in groups: pneumonia by sex\n", Explanation.Of(Experiment(plan)));
    }

    [Fact]
    public void What_is_not_said_is_left_out()
    {
        string text = Explanation.Of(Experiment(Reports.Experiment(["all"], [3], [Reports.Pneumonia], "accuracy")));

        Assert.StartsWith("trial: 1 federation, 1 method under the seed 3\n", text);
        Assert.EndsWith("    by: accuracy\n", text);
        Assert.DoesNotContain("stands for", text);
    }

    private static Experiment Experiment(ExperimentPlan plan) => new(plan, "small.conf", plan.Methods.ToImmutableDictionary(
        method => method.Key,
        method => method.Key == "one"
            ? [new Override("federation.method", "\"fedkim\"", "e.conf"), new Override("federation.training-tasks", "[pneumonia]", "e.conf")]
            : ImmutableArray<Override>.Empty));
}
