using FedKim.Learning;
using FedKim.Rounds;

namespace FedKim.Experiments.Tests;

public sealed class VerdictsTests
{
    private const int Patients = 60;

    private static readonly int[] Labels = [.. Enumerable.Range(0, Patients).Select(i => i % 2)];
    private static readonly double[] Good = Scores(1, 1.5);
    private static readonly double[] Bad = Scores(2, 0);

    [Fact]
    public void The_same_answers_are_no_difference()
    {
        var same = Against(Verdicts.SmallModels, Reports.Scored(Labels, Good, [.. Good]));

        Assert.Equal((Comparison.NotShown, 0, 0, 0), (same.Word, same.Difference, same.Low, same.High));
    }

    [Fact]
    public void Who_helps_one_way_round_hurts_the_other_way_by_as_much()
    {
        var (forth, back) = (Against(Verdicts.SmallModels, Reports.Scored(Labels, Good, Bad)), Against(Verdicts.SmallModels, Reports.Scored(Labels, Bad, Good)));

        Assert.Equal((Comparison.Helps, Comparison.Hurts), (forth.Word, back.Word));
        Assert.Equal((forth.Difference, forth.Low, forth.High), (-back.Difference, -back.High, -back.Low));
        Assert.InRange(forth.Difference, forth.Low, forth.High);
    }

    [Fact]
    public void One_seed_whose_interval_has_a_half_in_it_does_not_beat_a_constant_answer()
    {
        // A little better than chance, as 20 patients show it.
        int[] labels = [.. Labels.Take(20)];
        var verdict = Of(Reports.Scored(labels, [.. labels.Select((label, i) => (i * 7 % 20) + (label * 2.0))]));

        var constant = Assert.Single(verdict.Comparisons);
        Assert.Equal("a constant answer", constant.Against);
        Assert.InRange(constant.Difference, 0.01, 0.2);
        Assert.Equal(Comparison.NotShown, constant.Word);
        Assert.Equal(false, verdict.Beats);
        Assert.EndsWith("; AUROC of 20 samples of 20 patients, 1 seed", verdict.Sentence);
    }

    [Fact]
    public void Many_samples_of_a_patient_say_no_more_than_one()
    {
        var one = Against(Verdicts.SmallModels, Reports.Scored(Labels, Good, Bad));
        var nine = Against(Verdicts.SmallModels, Reports.Scored(Nine(Labels), Nine(Good), Nine(Bad), samplesOfPatient: 9));

        Assert.Equal((one.Difference, one.Low, one.High), (nine.Difference, nine.Low, nine.High));

        static T[] Nine<T>(T[] all) => [.. all.SelectMany(one => Enumerable.Repeat(one, 9))];
    }

    [Fact]
    public void A_difference_is_the_mean_over_the_seeds()
    {
        var both = Against(Verdicts.SmallModels, Reports.Scored(Labels, Good, Bad), Reports.Scored(Labels, Bad, Bad));

        Assert.Equal(Against(Verdicts.SmallModels, Reports.Scored(Labels, Good, Bad)).Difference / 2, both.Difference, 1e-12);
    }

    [Fact]
    public void The_more_a_table_compares_the_wider_are_its_intervals()
    {
        var alone = Against(Verdicts.SmallModels, Reports.Scored(Labels, Good, Bad));
        string[] methods = ["kim", "b", "c", "d", "e", "f"];
        var experiment = Reports.Experiment(methods, [1], [Reports.Pneumonia], Rate.Auroc);
        var all = Verdicts.Of(experiment.Tables[0], experiment, methods.ToDictionary(m => new Cell(m, 1), _ => Reports.Scored(Labels, Good, Bad)));
        var among = all[(Reports.Pneumonia, "kim")].Comparisons.Single(c => c.Against == Verdicts.SmallModels);

        Assert.True(among.Low < alone.Low && alone.High < among.High);
        Assert.Equal(alone.Difference, among.Difference);
    }

    [Fact]
    public void Less_is_better_where_it_is_an_error()
    {
        // The same order, one of them far too sure.
        double[] sure = [.. Good.Select(score => score * 100)];
        var verdict = Of("brier", Reports.Scored(Labels, Good, sure));

        var small = verdict.Comparisons.Single(c => c.Against == Verdicts.SmallModels);
        Assert.True(small.High < 0);
        Assert.Equal(Comparison.Helps, small.Word);
        Assert.Equal(["the small models", "always-no", "always-yes"], verdict.Comparisons.Select(c => c.Against));
    }

    [Fact]
    public void Generated_answers_are_compared_with_constant_ones_by_their_words()
    {
        string[] wanted = [.. Enumerable.Range(0, 30).Select(i => i % 3 == 0 ? "yes" : i % 3 == 1 ? "no" : "left lung")];
        var said = wanted.Select((w, i) => new Prediction($"s{i}", $"p{i}", Reports.Pneumonia, "fedkim", 1, "test", null, null, w, w)).ToList();
        var entry = Reports.Entry(Reports.Pneumonia, "fedkim", 0.5);
        entry["n"] = 30;
        (entry["accuracy"], entry["bleu"]) = (null, 1.0);
        var report = Reports.Completed("fedkim", entry).With(KeptPredictions.Of(said, "p.parquet"));

        var verdict = Of(Rate.Bleu, report);

        Assert.Equal(["always-no", "always-yes", "majority"], verdict.Comparisons.Select(c => c.Against));
        Assert.All(verdict.Comparisons, c => Assert.Equal(Comparison.Helps, c.Word));
        Assert.True(verdict.Beats);
    }

    [Fact]
    public void Controls_that_answer_like_a_rival_would_are_rivals_and_others_are_not()
    {
        string[] controls = [Control.BareModel, Control.ShuffledFeatures, Control.Shortcut, Control.PromptOf("lung-opacity")];
        var verdict = Of(Reports.Said(Labels, [("fedkim", Good), .. controls.Select(control => (control, Bad))]));

        Assert.Equal([Verdicts.BareModel, Verdicts.Shortcut, "a constant answer"], verdict.Comparisons.Select(c => c.Against));
        Assert.All(verdict.Comparisons, c => Assert.Equal(Comparison.Helps, c.Word));
    }

    [Fact]
    public void A_tables_rival_is_compared_with_on_the_same_samples_alone()
    {
        var (good, bad) = (Reports.Said(Labels, [("fedkim", Good)]), Reports.Said(Labels, [("fedplug-l", Bad)]));
        var others = Reports.Said([.. Labels.Reverse()], [("fedplug-l", Bad)]);

        Assert.Equal(["method plug", "a constant answer"], Rivals(good, bad)["kim"]);
        // Not with itself.
        Assert.Equal(["a constant answer"], Rivals(good, bad)["plug"]);
        Assert.Equal(["a constant answer"], Rivals(good, others)["kim"]);

        static Dictionary<string, string[]> Rivals(CellReport kim, CellReport plug)
        {
            var experiment = Reports.Experiment(["kim", "plug"], [1], [Reports.Pneumonia], Rate.Auroc);
            var reports = new Dictionary<Cell, CellReport> { [new Cell("kim", 1)] = kim, [new Cell("plug", 1)] = plug };
            var verdicts = Verdicts.Of(experiment.Tables[0] with { Rival = "plug" }, experiment, reports);
            return verdicts.ToDictionary(v => v.Key.Method, v => v.Value.Comparisons.Select(c => c.Against).ToArray());
        }
    }

    [Fact]
    public void Without_predictions_there_is_no_verdict() =>
        Assert.Equal("no verdict: no predictions kept", Of(Rate.Auroc, Reports.Completed("fedkim", Reports.Entry(Reports.Pneumonia, "fedkim", 0.7, 0.8))).Sentence);

    [Fact]
    public void A_few_patients_tell_too_little() =>
        Assert.Equal("no verdict: 9 patients tell too little", Of(Reports.Scored([.. Labels.Take(9)], [.. Good.Take(9)])).Sentence);

    [Fact]
    public void A_rate_that_many_a_choice_of_patients_does_not_have_is_not_judged_by_the_others() =>
        Assert.Equal("no verdict: in many a choice of the patients there is no AUROC", Of(Reports.Scored([1, .. new int[40]], [1, .. new double[40]])).Sentence);

    [Fact]
    public void What_is_not_kept_of_each_sample_is_not_judged()
    {
        var entry = Reports.Entry(Reports.Pneumonia, Method.SmallModels, 0.5);
        entry["n"] = Patients;
        var report = Reports.Completed(Method.SmallModels, entry).With(KeptPredictions.Of(Reports.Said(Method.SmallModels, Labels, Good), "p.parquet"));

        Assert.Equal("no verdict: greedy accuracy is not kept sample by sample", Of("greedy-accuracy", report).Sentence);
    }

    private static Comparison Against(string rival, params CellReport[] reports) => Of(reports).Comparisons.Single(c => c.Against == rival);

    private static Verdict Of(params CellReport[] reports) => Of(Rate.Auroc, reports);

    private static Verdict Of(string rate, params CellReport[] reports)
    {
        var experiment = Reports.Experiment(["kim"], [.. Enumerable.Range(1, reports.Length)], [Reports.Pneumonia], rate);
        return Verdicts.Of(experiment.Tables[0], experiment, experiment.Cells.Zip(reports, KeyValuePair.Create).ToDictionary())[(Reports.Pneumonia, "kim")];
    }

    private static double[] Scores(long seed, double apart)
    {
        var generator = SeededGenerator.Derive(seed, "test");
        return [.. Labels.Select(label => generator.NextDouble() + generator.NextDouble() + (apart * label))];
    }
}
