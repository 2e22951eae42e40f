using System.Collections.Immutable;
using FedKim.Data.Files;

namespace FedKim.Data.Images;

/// <summary>Reads PNG and JPEG pictures that a CSV lists with patient and labels; one modality, <c>image</c>, [1, size, size], 0 to 1.</summary>
internal static class ImageFolder
{
    public static IEnumerable<ListedSample> Read(TaskSource source, string folder, Func<string, bool> wanted)
    {
        if (source.ImageSize < 1) throw new DataException(folder, $"imageSize is {source.ImageSize}; it must be at least 1.");
        var csv = CsvTable.Read(Path.Combine(folder, source.Csv));
        int file = csv.Column(source.FileColumn), patient = csv.Column(source.PatientColumn), label = csv.Column(source.Label);
        ImmutableArray<int> shape = [1, source.ImageSize, source.ImageSize];
        return csv.Rows.Select(row => (ListedSample)(() =>
        {
            if (Label(csv, row, label) is not { } positive) return null;
            string whose = csv.Text(row, patient);
            if (!wanted(whose)) return null;
            string name = csv.Text(row, file);
            string path = Path.Combine(folder, source.Images, name);
            if (!File.Exists(path)) throw csv.At(row, file, $"the file {path} is missing.");
            var values = new Values(shape, GreyImage.Read(path, source.ImageSize));
            return new Sample(name, whose, ImmutableSortedDictionary<string, Values>.Empty.Add("image", values), positive);
        }));
    }

    // An empty cell says that the sample is not part of this task.
    private static int? Label(CsvTable csv, CsvTable.Row row, int column) => row.Fields[column] switch
    {
        "" => null,
        "0" or "0.0" => 0,
        "1" or "1.0" => 1,
        _ => throw csv.At(row, column, "expected a label: 0, 1 or nothing."),
    };
}
