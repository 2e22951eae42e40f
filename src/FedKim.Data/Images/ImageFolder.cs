using System.Collections.Immutable;
using FedKim.Data.Files;

namespace FedKim.Data.Images;

/// <summary>
/// Reads PNG and JPEG pictures that a CSV lists with patient and labels; one modality, <c>image</c>, [1, size, size], 0 to 1. The label is a
/// column of 0 and 1 or, in the list of the NIH's ChestX-ray14 (Wang et al. 2017), one of the findings that its column Finding Labels names.
/// </summary>
internal sealed class ImageFolder : IReader
{
    private const string FindingColumn = "Finding Labels", Nothing = "No Finding";

    // Data_Entry_2017.csv has no others.
    private static readonly string[] Findings =
    [
        "Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Effusion", "Emphysema", "Fibrosis", "Hernia", "Infiltration", "Mass", "Nodule",
        "Pleural_Thickening", "Pneumonia", "Pneumothorax", Nothing,
    ];

    /// <inheritdoc/>
    public string Name => "image-folder";

    /// <inheritdoc/>
    public Modality Modality => Modality.Image;

    /// <inheritdoc/>
    public ImmutableArray<string> Keys => ["label", "csv", "file-column", "patient-column", "images", "picture-bits", "group-column", "group-cuts"];

    /// <inheritdoc/>
    public IEnumerable<ListedSample> Read(DataPlace place)
    {
        var (source, folder, wanted, reading) = place;
        var csv = CsvTable.Read(SiteFile.Inside(folder, source.Csv));
        int file = csv.Column(source.FileColumn), patient = csv.Column(source.PatientColumn);
        var label = Label(csv, source.Label);
        var group = csv.Groups(source);
        string images = SiteFile.Inside(folder, source.Images);
        return csv.Rows.Select(row => ListedSamples.Of(wanted, () => csv.Text(row, patient), () =>
        {
            if (label(row) is not { } positive)
                return reading.NotAsked("has no such label");
            string whose = csv.Text(row, patient);
            string name = csv.Text(row, file);
            string path = SiteFile.Below(images, name, problem => csv.At(row, file, problem));
            return new Sample(name, whose, OneImage.Of(PictureFile.Read(path, source, reading)), positive) { Group = group(row) };
        }));
    }

    private static Func<CsvTable.Row, int?> Label(CsvTable csv, string label)
    {
        if (csv.Find(label) is null && csv.Find(FindingColumn) is { } findings)
        {
            return Findings.Contains(label)
                ? row => Finds(csv, row, findings, label)
                : throw csv.Fault($"has neither a column '{label}' nor a finding of that name; the findings of {FindingColumn} are {string.Join(", ", Findings)}.");
        }

        int column = csv.Column(label);
        return row => csv.Label(row, column);
    }

    private static int? Finds(CsvTable csv, CsvTable.Row row, int column, string label)
    {
        if (string.IsNullOrWhiteSpace(row.Fields[column]))
            return null;
        string[] found = csv.Text(row, column).Split('|', StringSplitOptions.TrimEntries);
        if (found.Except(Findings).Any())
            throw csv.At(row, column, $"expected findings with | between them, of {string.Join(", ", Findings)}.");
        if (found.Length > 1 && found.Contains(Nothing))
            throw csv.At(row, column, $"names findings beside {Nothing}.");
        return found.Contains(label) ? 1 : 0;
    }
}
