using System.Globalization;
using CsvHelper;
using FedKim.Configuration;
using FedKim.Launch.Machine;
using FedKim.Learning;
using FedKim.Parameters;
using Parquet;
using Parquet.Schema;

namespace FedKim.Experiments;

/// <summary>
/// The predictions of an evaluation as a table for other programs, a row each: Parquet, or CSV (RFC 4180) where the file's name ends so. What is
/// not there is empty.
/// </summary>
public static class PredictionFile
{
    private const string Parquet = ".parquet", Csv = ".csv";

    private static readonly string[] Columns = ["sample", "patient", "task", "method", "seed", "split", "label", "score", "answer", "wanted"];

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
    public static async Task WriteAsync(string path, IReadOnlyList<Prediction> predictions)
    {
        byte[] bytes = Path.GetExtension(path) == Csv ? AsCsv(predictions) : await AsParquetAsync(predictions);
        DurableFile.Write(path, bytes);
        PrivateFiles.AsUsual(path);
    }

    private static byte[] AsCsv(IReadOnlyList<Prediction> predictions)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = CsvWriter.Create(text, new CsvWriterOptions { NewLine = "\n" }))
        {
            csv.WriteRecord(Columns);
            foreach (var p in predictions)
            {
                // A double in its shortest form comes back as the same double.
                csv.WriteRecord([p.Sample, p.Patient, p.Task, p.Method, Text(p.Seed), p.Split, Text(p.Label), Text(p.Score), p.Answer ?? "", p.Wanted ?? ""]);
            }
        }
        return System.Text.Encoding.UTF8.GetBytes(text.ToString());
    }

    private static async Task<byte[]> AsParquetAsync(IReadOnlyList<Prediction> predictions)
    {
        DataField[] fields =
        [
            .. Columns.Select(column => column switch
            {
                "seed" => new DataField<long>(column),
                "label" => new DataField<int?>(column),
                "score" => new DataField<double?>(column),
                _ => (DataField)new DataField<string>(column),
            }),
        ];
        using var bytes = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), bytes))
        {
            using var rows = writer.CreateRowGroup();
            await Texts(0, p => p.Sample);
            await Texts(1, p => p.Patient);
            await Texts(2, p => p.Task);
            await Texts(3, p => p.Method);
            await rows.WriteAsync<long>(fields[4], predictions.Select(p => p.Seed).ToArray().AsMemory());
            await Texts(5, p => p.Split);
            await rows.WriteAsync<int>(fields[6], predictions.Select(p => p.Label).ToArray().AsMemory());
            await rows.WriteAsync<double>(fields[7], predictions.Select(p => p.Score).ToArray().AsMemory());
            await Texts(8, p => p.Answer);
            await Texts(9, p => p.Wanted);
            rows.CompleteValidate();

            Task Texts(int column, Func<Prediction, string?> of) => rows.WriteAsync(fields[column], predictions.Select(of).ToArray()!);
        }
        return bytes.ToArray();
    }

    private static string Text(IFormattable? number) => number?.ToString(null, CultureInfo.InvariantCulture) ?? "";
}
