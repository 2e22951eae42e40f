using System.Collections.Immutable;
namespace FedKim.Data.Signals;

/// <summary>
/// Reads PTB-XL's layout (Wagner et al. 2020, version 1.0.3): ptbxl_database.csv, scp_statements.csv and the 100 Hz records it names.
/// One modality, <c>signal</c>, [12, time], millivolts.
/// </summary>
internal sealed class PtbXl : IReader
{
    // The columns in which a reader of the signal noted what is there, and in which leads; empty where nothing is.
    private static readonly string[] Notes = ["baseline_drift", "static_noise", "burst_noise", "electrodes_problems", "extra_beats", "pacemaker"];

    /// <inheritdoc/>
    public string Name => "ptbxl";

    /// <inheritdoc/>
    public Modality Modality => Modality.Signal;

    /// <inheritdoc/>
    public ImmutableArray<string> Keys => ["label", "group-column", "group-cuts"];

    /// <inheritdoc/>
    public bool IsParted => true;

    /// <inheritdoc/>
    public IEnumerable<ListedSample> Read(DataPlace place)
    {
        var (source, folder, wanted, _) = place;
        var records = new PtbXlRecords(folder, source.Downsample);
        var statements = ScpStatements.Read(Path.Combine(folder, "scp_statements.csv"));
        var isPositive = Label(source.Label, statements, records, folder);
        // An excerpt without its folds can be read, too, where nobody asks for them.
        int? fold = source.Split == SplitBy.Published ? records.Column("strat_fold") : null;
        var group = records.Groups(source);
        return records.Rows.Select(row => (ListedSample)(() =>
        {
            var record = records.At(row);
            if (!wanted(record.Patient))
                return null;
            var codes = records.Codes(record, statements);
            return new Sample(record.File, record.Patient, records.Read(record), isPositive(record, codes) ? 1 : 0)
            {
                Part = fold is { } column ? records.Part(record, column) : null,
                Group = group(row),
            };
        }));
    }

    // "abnormal", or the codes and columns of notes of which one must be there.
    private static Func<PtbXlRecord, List<string>, bool> Label(string label, ScpStatements statements, PtbXlRecords records, string folder)
    {
        if (label == "abnormal")
            return (_, codes) => statements.IsAbnormal(codes);
        string[] wanted = label.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (wanted.Length == 0)
            throw new DataException(folder, "the label is empty; expected 'abnormal' or SCP codes.");
        if (wanted.Except(Notes).FirstOrDefault(code => !statements.Knows(code)) is { } unknown)
            throw new DataException(Path.Combine(folder, "scp_statements.csv"), $"does not list the code '{unknown}' of the label '{label}'.");
        int[] notes = [.. wanted.Intersect(Notes).Select(records.Column)];
        return (record, codes) => codes.Exists(code => wanted.Contains(code))
            || Array.Exists(notes, column => !string.IsNullOrWhiteSpace(record.Row.Fields[column]));
    }
}
