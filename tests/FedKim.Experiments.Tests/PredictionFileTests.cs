using System.Diagnostics;
using System.Globalization;
using CsvHelper;
using CsCheck;
using FedKim.Configuration;
using FedKim.Data.Files;
using FedKim.Learning;
using FedKim.Testing;

namespace FedKim.Experiments.Tests;

public sealed class PredictionFileTests : IDisposable
{
    private static readonly string?[] Said = ["yes", "it \"may\" be", null];

    private static readonly string?[] Groups = ["F", "40 to 64, \"of\" it", null];

    private static readonly Gen<Prediction> Predictions =
        from sample in Gen.Int[0, 1000]
        from task in Gen.OneOf(Gen.Const("a"), Gen.Const("b, c"))
        from method in Gen.OneOf(Gen.Const("fedkim"), Gen.Const("small-models"))
        from label in Gen.Int[0, 1]
        from score in Gen.Double[-8, 8]
        from said in Gen.Int[0, 2]
        select new Prediction($"{sample:x}", "p", task, method, 7, "test", label, score, Said[said], null);

    private static readonly Gen<Prediction> Grouped = Gen.Select(Predictions, Gen.Int[0, 2]).Select((prediction, group) => prediction with { Group = Groups[group] });

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-predictions-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public Task What_is_written_as_Parquet_or_CSV_is_read_back_the_same() => Predictions.Array[1, 50].SampleAsync(async predictions =>
    {
        PredictionFile.Write(At("p.csv"), predictions);
        PredictionFile.Write(At("p.parquet"), predictions);

        using var csv = CsvReader.Create(new StringReader(await File.ReadAllTextAsync(At("p.csv"))), new CsvReaderOptions { Separator = ',', HasHeader = false });
        Assert.True(csv.Read());
        Assert.Equal(["sample", "patient", "task", "method", "seed", "split", "label", "score", "answer", "wanted"], csv.Current.ToArray());
        foreach (var p in predictions)
        {
            Assert.True(csv.Read());
            string[] row = csv.Current.ToArray();
            Assert.Equal((p.Sample, p.Task, p.Method, "7", p.Answer ?? ""), (row[0], row[2], row[3], row[4], row[8]));
            Assert.Equal((p.Label, p.Score), (int.Parse(row[6], CultureInfo.InvariantCulture), double.Parse(row[7], CultureInfo.InvariantCulture)));
        }

        Assert.Equal(predictions, PredictionFile.Read(At("p.parquet")));
    }, iter: 8, threads: 1);

    [Fact]
    public Task Groups_are_a_last_column_where_there_are_any_and_the_file_is_what_it_was_without() => Grouped.Array[1, 50].SampleAsync(async predictions =>
    {
        Prediction[] grouped = [.. predictions, predictions[0] with { Group = "M" }], without = [.. grouped.Select(p => p with { Group = null })];
        PredictionFile.Write(At("g.csv"), grouped);
        PredictionFile.Write(At("g.parquet"), grouped);
        PredictionFile.Write(At("w.csv"), without);
        PredictionFile.Write(At("w.parquet"), without);

        Assert.Equal(grouped, PredictionFile.Read(At("g.parquet")));
        Assert.Equal(without, PredictionFile.Read(At("w.parquet")));
        Assert.DoesNotContain("group", ParquetColumns.Names(At("w.parquet")));
        Assert.StartsWith("sample,patient,task,method,seed,split,label,score,answer,wanted\n", await File.ReadAllTextAsync(At("w.csv")), StringComparison.Ordinal);
        using var csv = CsvReader.Create(new StringReader(await File.ReadAllTextAsync(At("g.csv"))), new CsvReaderOptions { Separator = ',', HasHeader = false });
        foreach (string group in (string[])["group", .. grouped.Select(p => p.Group ?? "")])
        {
            Assert.True(csv.Read());
            Assert.Equal(group, csv.Current.ToArray()[10]);
        }
    }, iter: 8, threads: 1);

    // In the order in which figures.py prints them.
    private static readonly string[] OfScores = ["accuracy", "precision", "recall", "f1", Rate.Auroc, Rate.Auprc, Rate.Sensitivity, Rate.Brier, Rate.CalibrationError];

    private static readonly string[] OfAnswers = [Rate.ExactMatch, "bleu-1", "bleu-2", "bleu-3", "bleu-4"];

    [Fact]
    public void All_rates_but_those_of_free_speech_are_made_again_elsewhere() =>
        Assert.Equal(Rate.All.Where(rate => rate != Rate.Bleu && !rate.StartsWith(Rate.Greedy, StringComparison.Ordinal)), OfScores.Concat(OfAnswers));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Some_lines_of_somebody_else_s_make_the_same_figures(bool grouped) =>
        (grouped ? Grouped : Predictions).Array[1, 200].SampleAsync(predictions => AssertMadeAgain(OfScores, predictions), iter: 8, threads: 1);

    [Fact]
    public async Task They_make_the_same_of_scores_that_are_alike_certain_or_all_of_one_label()
    {
        double[] scores = [-2, -1, 0, 1, 2.5, double.PositiveInfinity, double.NegativeInfinity];
        var alike = Gen.Select(Predictions, Gen.Int[0, scores.Length - 1]).Select((p, score) => p with { Score = scores[score] });
        await alike.Array[1, 60].SampleAsync(predictions => AssertMadeAgain(OfScores, predictions), iter: 8, threads: 1);
        await alike.Array[1, 60].SampleAsync(predictions => AssertMadeAgain(OfScores, [.. predictions.Select(p => p with { Label = 0 })]), iter: 2, threads: 1);
        await alike.Array[1, 60].SampleAsync(predictions => AssertMadeAgain(OfScores, [.. predictions.Select(p => p with { Label = 1 })]), iter: 2, threads: 1);
    }

    [Fact]
    public Task They_make_the_same_of_answers_in_words()
    {
        string[] words = ["yes", "no", "the left lung", "the left lung is white", "no, the left lung is white", "left left the lung"];
        var word = Gen.Int[0, words.Length - 1];
        var spoken = Gen.Select(Predictions, word, word).Select((p, said, wanted) => p with { Label = null, Score = null, Answer = words[said], Wanted = words[wanted] });
        return spoken.Array[1, 60].SampleAsync(predictions => AssertMadeAgain(OfAnswers, predictions), iter: 8, threads: 1);
    }

    private async Task AssertMadeAgain(string[] rates, Prediction[] predictions)
    {
        if (!Path.Exists("/usr/bin/python3"))
            Assert.Skip("There is no /usr/bin/python3 here, to which the figures could be given.");
        PredictionFile.Write(At("p.csv"), predictions);

        var start = new ProcessStartInfo("/usr/bin/python3", [Path.Combine(Repository.Root, "docs", "how-to", "figures.py"), At("p.csv")]) { RedirectStandardOutput = true };
        using var python = Process.Start(start)!;
        string[] lines = (await python.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        var groups = predictions.GroupBy(p => (p.Task, p.Method)).ToArray();
        Assert.Equal(groups.Length, lines.Length);
        foreach (var (group, line) in groups.Zip(lines))
        {
            Prediction[] said = [.. group];
            string[] made = line[$"{group.Key.Task} {group.Key.Method} {said.Length} ".Length..].Split(' ');
            Assert.Equal(rates.Length, made.Length);
            foreach (var (rate, figure) in rates.Zip(made))
            {
                // Sums of roundings differ by the order in which they are made; counts do not.
                double wanted = SampleRate.Once(rate, said) ?? double.NaN, apart = Math.Abs(wanted - double.Parse(figure, CultureInfo.InvariantCulture));
                Assert.True(apart <= 1e-12 || (double.IsNaN(wanted) && double.IsNaN(apart) && figure == "nan"), $"{rate} of {group.Key} is {wanted:R}, and made again {figure}.");
            }
        }
    }

    [Fact]
    public void A_name_that_says_neither_is_refused() =>
        Assert.Contains("end it in .parquet or .csv", Assert.Throws<InvalidConfigurationException>(() => PredictionFile.Check("--predictions", At("p.json"))).Message);

    private string At(string name) => Path.Combine(_folder.FullName, name);
}
