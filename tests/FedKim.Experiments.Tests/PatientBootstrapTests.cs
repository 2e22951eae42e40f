using FedKim.Learning.Metrics;
using FedKim.Rounds;

namespace FedKim.Experiments.Tests;

public sealed class PatientBootstrapTests
{
    [Fact]
    public void The_interval_of_a_difference_covers_it_about_as_often_as_it_says()
    {
        // AUROC of two normal distributions that lie d apart is Φ(d/√2): 0.8023 and 0.7142 here.
        const double Own = 1.2, Rival = 0.8, Difference = 0.80234 - 0.71420;
        const int Trials = 300, Patients = 100;
        var generator = SeededGenerator.Derive(5, "test");
        int covered = 0;
        for (int trial = 0; trial < Trials; trial++)
        {
            int[] labels = [.. Enumerable.Range(0, Patients).Select(i => i % 2)];
            // Both see the same patient, and so err alike.
            var seen = labels.Select(label => (Label: label, Common: generator.NextGaussian(), First: generator.NextGaussian(), Second: generator.NextGaussian())).ToArray();
            string[] patients = [.. labels.Select((_, i) => $"{i}")];
            double half = Math.Sqrt(0.5);
            double[][] drawn = PatientBootstrap.Draw(
            [
                new Drawn(patients, SampleRate.Of(Rate.Auroc, [.. Reports.Said("a", labels, [.. seen.Select(s => (Own * s.Label) + (half * (s.Common + s.First)))])])!),
                new Drawn(patients, SampleRate.Of(Rate.Auroc, [.. Reports.Said("b", labels, [.. seen.Select(s => (Rival * s.Label) + (half * (s.Common + s.Second)))])])!),
            ], 400, generator);
            var (low, high) = Bootstrap.Middle(drawn[0].Zip(drawn[1], (own, rival) => own - rival), 0.05);
            covered += low <= Difference && Difference <= high ? 1 : 0;
        }

        Assert.InRange(covered / (double)Trials, 0.9, 0.985);
    }

    [Fact]
    public void A_patient_who_is_drawn_brings_all_samples_with_as_many_as_one_or_none()
    {
        string[] patients = ["a", "a", "b", "c"];
        var counts = new List<int[]>();

        PatientBootstrap.Draw([new Drawn(patients, times => Kept(times))], 200, SeededGenerator.Derive(1, "test"));

        Assert.All(counts, times => Assert.Equal(times[0], times[1]));
        Assert.All(counts, times => Assert.Equal(3, times[0] + times[2] + times[3]));
        Assert.Contains(counts, times => times[0] == 0);
        Assert.Contains(counts, times => times[0] > 1);

        double? Kept(int[] times)
        {
            counts.Add([.. times]);
            return 0;
        }
    }

    [Fact]
    public void The_same_generator_draws_the_same_and_what_has_no_figure_is_no_number()
    {
        var figure = new Drawn(["a", "b"], times => times[0] > 0 ? times[0] : null);

        double[] drawn = PatientBootstrap.Draw([figure], 50, SeededGenerator.Derive(1, "test"))[0];

        Assert.Equal(drawn, PatientBootstrap.Draw([figure], 50, SeededGenerator.Derive(1, "test"))[0]);
        Assert.Contains(double.NaN, drawn);
        Assert.Contains(2, drawn);
    }

    [Fact]
    public void The_middle_leaves_out_as_much_at_either_end() =>
        Assert.Equal((10, 90), Bootstrap.Middle(Enumerable.Range(0, 101).Select(i => (double)i).Reverse(), 0.2));
}
