using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using CsvHelper;
using FedKim.Configuration;
using FedKim.Data;
using FedKim.Data.Files;
using FedKim.Launch.Machine;
using FedKim.Learning;
using FedKim.Parameters;

namespace FedKim.Experiments;

/// <summary>
/// The predictions of an evaluation as a table for other programs, a row each: Parquet, or CSV (RFC 4180) where the file's name ends so. What is
/// not there is empty.
/// </summary>
public static class PredictionFile
{
    private const string Parquet = ".parquet", Csv = ".csv", Group = "group";

    /// <summary>Looks whether predictions can be written there.</summary>
    /// <param name="option">What names the file, for the error.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidConfigurationException">They cannot.</exception>
    public static void Check(string option, string path)
    {
        OutputPaths.CheckFile(option, path);
        if (Path.GetExtension(path) is not (Parquet or Csv))
            throw new InvalidConfigurationException([$"{option} {path}: the name says what is written: end it in {Parquet} or {Csv}."]);
    }

    /// <summary>Writes them, whole or not at all.</summary>
    public static void Write(string path, IReadOnlyList<Prediction> predictions)
    {
        (string Name, Array Cells)[] columns =
        [
            Column("sample", p => p.Sample), Column("patient", p => p.Patient), Column("task", p => p.Task), Column("method", p => p.Method), Column("seed", p => p.Seed),
            Column("split", p => p.Split), Column("label", p => p.Label), Column("score", p => p.Score), Column("answer", p => p.Answer), Column("wanted", p => p.Wanted),
            // Where nobody is in a group the file is what it was before there were any.
            .. predictions.Any(p => p.Group is not null) ? [Column(Group, p => p.Group)] : Array.Empty<(string, Array)>(),
        ];
        DurableFile.Write(path, Path.GetExtension(path) == Csv ? AsCsv(columns, predictions.Count) : ParquetColumns.Of(null, columns));
        PrivateFiles.AsUsual(path);

        (string, Array) Column<T>(string name, Func<Prediction, T> cell) => (name, predictions.Select(cell).ToArray());
    }

    /// <summary>Reads what was written as Parquet, in the same order, with or without groups.</summary>
    /// <exception cref="DataException">The file is missing, damaged, or holds no predictions.</exception>
    public static ImmutableArray<Prediction> Read(string path)
    {
        var columns = ParquetColumns.Read(
            path, ("sample", typeof(string)), ("patient", typeof(string)), ("task", typeof(string)), ("method", typeof(string)), ("seed", typeof(long)),
            ("split", typeof(string)), ("label", typeof(int?)), ("score", typeof(double?)), ("answer", typeof(string)), ("wanted", typeof(string)));
        var (sample, patient, task, method, split) = (Texts(0), Texts(1), Texts(2), Texts(3), Texts(5));
        var (seed, label, score, answer, wanted) = ((long[])columns[4], (int?[])columns[6], (double?[])columns[7], Texts(8), Texts(9));
        string[]? group = ParquetColumns.Names(path).Contains(Group) ? (string[])ParquetColumns.Read(path, (Group, typeof(string)))[0] : null;
        return [.. Enumerable.Range(0, seed.Length).Select(i => new Prediction(
            sample[i], patient[i], task[i], method[i], seed[i], split[i], label[i], score[i], answer[i], wanted[i])
        {
            Group = group?[i],
        })];

        string[] Texts(int column) => (string[])columns[column];
    }

    private static byte[] AsCsv((string Name, Array Cells)[] columns, int rows)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = CsvWriter.Create(text, new CsvWriterOptions { NewLine = "\n" }))
        {
            csv.WriteRecord([.. columns.Select(column => column.Name)]);
            // A double in its shortest form comes back as the same double.
            for (int row = 0; row < rows; row++)
                csv.WriteRecord([.. columns.Select(column => Convert.ToString(column.Cells.GetValue(row), CultureInfo.InvariantCulture) ?? "")]);
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
