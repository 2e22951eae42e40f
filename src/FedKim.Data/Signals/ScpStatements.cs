using System.Globalization;
using System.Text.RegularExpressions;
using FedKim.Data.Files;

namespace FedKim.Data.Signals;

/// <summary>PTB-XL's scp_statements.csv: which codes exist, and the diagnostic class of those that are diagnostic.</summary>
internal sealed partial class ScpStatements
{
    private readonly Dictionary<string, string?> _classes = new(StringComparer.Ordinal);

    private ScpStatements(string path)
    {
        var csv = CsvTable.Read(path);
        int code = csv.Column(""), diagnostic = csv.Column("diagnostic"), diagnosticClass = csv.Column("diagnostic_class");
        foreach (var row in csv.Rows)
            _classes[row.Fields[code]] = row.Fields[diagnostic] is "1.0" or "1" ? csv.Text(row, diagnosticClass) : null;
    }

    /// <exception cref="DataException">The file is missing or lacks a column.</exception>
    public static ScpStatements Read(string path) => new(path);

    /// <summary>Whether the code is listed.</summary>
    public bool Knows(string code) => _classes.ContainsKey(code);

    /// <summary>
    /// True unless the record's only diagnostic class is NORM; codes count whatever their likelihood, and form and rhythm statements do not
    /// count (Wagner et al. 2020, PTB-XL's example_physionet.py).
    /// </summary>
    public bool IsAbnormal(IEnumerable<string> codes)
    {
        var classes = codes.Select(code => _classes[code]).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return classes is not ["NORM"];
    }

    /// <summary>The codes of a cell such as <c>{'NORM': 100.0, 'SR': 0.0}</c>; null when the cell is no such text.</summary>
    public static List<string>? Parse(string cell) => Cell().Match(cell) is { Success: true } match
        && match.Groups["likelihood"].Captures.All(c => double.TryParse(c.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            ? [.. match.Groups["code"].Captures.Select(c => c.Value)]
            : null;

    [GeneratedRegex(@"^\{\s*(?:'(?<code>[^']+)':\s*(?<likelihood>[0-9.]+)\s*(?:,\s*|(?=\})))*\}$", RegexOptions.CultureInvariant)]
    private static partial Regex Cell();
}
