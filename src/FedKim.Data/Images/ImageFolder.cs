using FedKim.Data.Files;

namespace FedKim.Data.Images;

/// <summary>Reads PNG and JPEG pictures that a CSV lists with patient and labels; one modality, <c>image</c>, [1, size, size], 0 to 1.</summary>
internal static class ImageFolder
{
    public static IEnumerable<ListedSample> Read(TaskSource source, string folder, Func<string, bool> wanted)
    {
        var csv = CsvTable.Read(SiteFile.Inside(folder, source.Csv));
        int file = csv.Column(source.FileColumn), patient = csv.Column(source.PatientColumn), label = csv.Column(source.Label);
        string images = SiteFile.Inside(folder, source.Images);
        return csv.Rows.Select(row => (ListedSample)(() =>
        {
            if (csv.Label(row, label) is not { } positive) return null;
            string whose = csv.Text(row, patient);
            if (!wanted(whose)) return null;
            string name = csv.Text(row, file);
            string path = SiteFile.Below(images, name, problem => csv.At(row, file, problem));
            return new Sample(name, whose, OneImage.Of(PictureFile.Read(path, source.ImageSize)), positive);
        }));
    }
}
