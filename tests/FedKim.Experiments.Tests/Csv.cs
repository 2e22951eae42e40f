using CsvHelper;

namespace FedKim.Experiments.Tests;

/// <summary>Reads a CSV.</summary>
internal static class Csv
{
    /// <summary>Each line by the names of its columns.</summary>
    public static List<Dictionary<string, string>> Lines(string text)
    {
        using var csv = CsvReader.Create(new StringReader(text), new CsvReaderOptions { HasHeader = false });
        var lines = new List<string[]>();
        while (csv.Read())
            lines.Add(csv.Current.ToArray());
        return [.. lines.Skip(1).Select(line => lines[0].Zip(line, KeyValuePair.Create).ToDictionary())];
    }
}
