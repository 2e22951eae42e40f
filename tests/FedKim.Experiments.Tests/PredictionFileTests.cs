using System.Diagnostics;
using System.Globalization;
using CsvHelper;
using CsCheck;
using FedKim.Configuration;
using FedKim.Data.Files;
using FedKim.Learning;
using FedKim.Learning.Metrics;
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thirty_lines_of_somebody_else_s_make_the_same_figures(bool grouped)
    {
        if (!Path.Exists("/usr/bin/python3"))
            Assert.Skip("There is no Python here.");
        var predictions = (grouped ? Grouped : Predictions).Array[40, 200].Single();
        PredictionFile.Write(At("p.csv"), predictions);

        var start = new ProcessStartInfo("/usr/bin/python3", [Path.Combine(Repository.Root, "docs", "how-to", "figures.py"), At("p.csv")]) { RedirectStandardOutput = true };
        using var python = Process.Start(start)!;
        string[] lines = (await python.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        var groups = predictions.GroupBy(p => (p.Task, p.Method)).ToArray();
        Assert.Equal(groups.Length, lines.Length);
        foreach (var (group, line) in groups.Zip(lines))
        {
            int[] labels = [.. group.Select(p => p.Label!.Value)];
            double[] scores = [.. group.Select(p => p.Score!.Value)];
            var rates = Classification.OfScores(labels, scores);
            double[] made = [.. line[$"{group.Key.Task} {group.Key.Method} {labels.Length} ".Length..].Split(' ').Select(figure => double.Parse(figure, CultureInfo.InvariantCulture))];
            Assert.Equal(
                [rates.Accuracy, rates.Precision ?? double.NaN, rates.Recall ?? double.NaN, rates.F1 ?? double.NaN, Classification.Auroc(labels, scores) ?? double.NaN],
                made);
        }
    }

    [Fact]
    public void A_name_that_says_neither_is_refused() =>
        Assert.Contains("end it in .parquet or .csv", Assert.Throws<InvalidConfigurationException>(() => PredictionFile.Check("--predictions", At("p.json"))).Message);

    private string At(string name) => Path.Combine(_folder.FullName, name);
}
