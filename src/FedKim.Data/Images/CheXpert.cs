using System.Collections.Immutable;
using System.Text.RegularExpressions;
using FedKim.Data.Files;

namespace FedKim.Data.Images;

/// <summary>
/// Reads CheXpert (Irvin et al. 2019), the small or the full release: train.csv and valid.csv, whose paths name patient, study and view. A
/// finding is 1.0, 0.0, -1.0 (uncertain) or empty (not mentioned in the report). One modality, <c>image</c>, [1, size, size], 0 to 1.
/// </summary>
/// <remarks>
/// A finding that is not mentioned counts as negative unless the source says otherwise: radiologists mostly do not write down what is not
/// there. Without those images cardiomegaly would be found twice as often as not. The release comes without a part that is called test: valid, which
/// radiologists labelled, is what figures are measured on, and counts as the publisher's test part.
/// </remarks>
internal sealed partial class CheXpert : IReader
{
    /// <inheritdoc/>
    public string Name => "chexpert";

    /// <inheritdoc/>
    public Modality Modality => Modality.Image;

    /// <inheritdoc/>
    public ImmutableArray<string> Keys => ["label", "parts", "uncertain", "unmentioned", "lateral", "picture-bits", "group-column", "group-cuts"];

    /// <inheritdoc/>
    public ImmutableArray<string>? Parts => ["train", "valid"];

    /// <inheritdoc/>
    public bool IsParted => true;

    /// <inheritdoc/>
    public IEnumerable<ListedSample> Read(DataPlace place)
    {
        var (source, folder, wanted, reading) = place;
        foreach (string part in source.PartsOf(folder, "train", "valid"))
        {
            var csv = CsvTable.Read(Path.Combine(folder, part + ".csv"));
            int path = csv.Column("Path"), view = csv.Column("Frontal/Lateral"), finding = csv.Column(source.Label);
            var group = csv.Groups(source);
            var published = part == "train" ? PublishedPart.Train : PublishedPart.Test;
            foreach (var row in csv.Rows)
            {
                yield return ListedSamples.Of(wanted, () => Place(csv, row, path).Groups["patient"].Value, () =>
                {
                    bool frontal = csv.Text(row, view) switch
                    {
                        "Frontal" => true,
                        "Lateral" => false,
                        _ => throw csv.At(row, view, "expected Frontal or Lateral."),
                    };
                    if (!frontal && !source.Lateral)
                        return reading.NotAsked("is a lateral view");
                    if (Label(source, csv, row, finding) is not { } label)
                        return reading.NotAsked("leaves the finding open");
                    var found = Place(csv, row, path);
                    string patient = found.Groups["patient"].Value, id = found.Groups["file"].Value;
                    string file = SiteFile.Below(folder, id, problem => csv.At(row, path, problem));
                    return new Sample(id, patient, OneImage.Of(PictureFile.Read(file, source, reading)), label) { Part = published, Group = group(row) };
                });
            }
        }
    }

    // The path starts with the release's own folder, which the source's path is.
    private static Match Place(CsvTable csv, CsvTable.Row row, int column) => Place().Match(csv.Text(row, column)) is { Success: true } place
        ? place
        : throw csv.At(row, column, "expected a path such as CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg.");

    private static int? Label(TaskSource source, CsvTable csv, CsvTable.Row row, int column)
    {
        var finding = row.Fields[column].Trim() switch
        {
            "1.0" or "1" => Finding.Positive,
            "0.0" or "0" => Finding.Negative,
            "-1.0" or "-1" => source.Uncertain,
            "" => source.Unmentioned,
            _ => throw csv.At(row, column, "expected a finding: 1.0, 0.0, -1.0 or nothing."),
        };
        return finding switch { Finding.Positive => 1, Finding.Negative => 0, _ => null };
    }

    [GeneratedRegex(@"^(?:[^/]+/)?(?<file>(?:train|valid)/(?<patient>patient\d+)/study\d+/view\d+_(?:frontal|lateral)\.jpg)$", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
