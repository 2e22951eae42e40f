using System.Collections.Immutable;
using FedKim.Data.Files;

namespace FedKim.Data.Images;

/// <summary>Reads PNG and JPEG pictures that a CSV lists with patient and labels; one modality, <c>image</c>, [1, size, size], 0 to 1.</summary>
internal static class ImageFolder
{
    public static List<Sample> Read(TaskSource source, string folder)
    {
        if (source.ImageSize < 1) throw new DataException(folder, $"imageSize is {source.ImageSize}; it must be at least 1.");
        var csv = CsvTable.Read(Path.Combine(folder, source.Csv));
        int file = csv.Column(source.FileColumn), patient = csv.Column(source.PatientColumn), label = csv.Column(source.Label);
        ImmutableArray<int> shape = [1, source.ImageSize, source.ImageSize];
        var samples = new List<Sample>();
        foreach (var row in csv.Rows)
        {
            if (Label(csv, row, label) is not { } positive) continue;
            string name = csv.Text(row, file);
            string path = Path.Combine(folder, source.Images, name);
            if (!File.Exists(path)) throw csv.At(row, file, $"the file {path} is missing.");
            var values = new Values(shape, GreyImage.Read(path, source.ImageSize));
            samples.Add(new Sample(name, csv.Text(row, patient), ImmutableSortedDictionary<string, Values>.Empty.Add("image", values), positive));
        }

        return samples;
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
