using System.Collections.Immutable;
using FedKim.Data.Files;

namespace FedKim.Data.Images;

/// <summary>
/// Reads the RSNA Pneumonia Detection Challenge 2018: stage_2_train_labels.csv, with a line for each box of opacity and one for an image that has none, and
/// stage_2_train_images/&lt;patientId&gt;.dcm, or .png where exported. An image is one sample, however many boxes it has.
/// One modality, <c>image</c>, [1, size, size], 0 to 1.
/// </summary>
/// <remarks>
/// The set's patientId names an image, not a person. Whose it is says the NIH's name of the image, 00000002_000.png, in the organisers'
/// pneumonia-challenge-dataset-mappings_2018.json; where that file is not there, every image is its own patient.
/// </remarks>
internal sealed class Rsna : IReader
{
    /// <inheritdoc/>
    public string Name => "rsna";

    /// <inheritdoc/>
    public Modality Modality => Modality.Image;

    /// <inheritdoc/>
    public ImmutableArray<string> Keys => ["label", "images", "picture-bits"];

    /// <inheritdoc/>
    public IEnumerable<ListedSample> Read(DataPlace place)
    {
        var (source, folder, wanted, reading) = place;
        var csv = CsvTable.Read(Path.Combine(folder, "stage_2_train_labels.csv"));
        int id = csv.Column("patientId"), target = csv.Column(source.LabelOr("Target"));
        string images = SiteFile.Inside(folder, source.Images.Length > 0 ? source.Images : "stage_2_train_images");
        var patients = Patients(Path.Combine(folder, "pneumonia-challenge-dataset-mappings_2018.json"));
        var rows = csv.Rows
            .GroupBy(row => row.Fields[id].Trim(), StringComparer.Ordinal)
            .Select(image => (Id: image.Key, Boxes: image.ToList())).ToList();
        // Looked for at once: a program that is missing is no fault of a sample's.
        string? dicom = rows.Select(row => Path.Combine(images, row.Id)).Where(image => !File.Exists(image + ".png") && File.Exists(image + ".dcm"))
            .Select(image => image + ".dcm").FirstOrDefault(file => SiteFile.IsWithin(images, file) && IsForConverter(file));
        string converter = dicom is null ? "" : Dicom.Converter(dicom, Environment.GetEnvironmentVariable("PATH"));
        return rows.Select(row => ListedSamples.Of(wanted, () => Whose(row.Boxes[0]), () =>
        {
            var first = row.Boxes[0];
            string name = csv.Text(first, id);
            int? label = csv.Label(first, target);
            if (row.Boxes.Find(box => csv.Label(box, target) != label) is { Fields: not null } other)
                throw csv.At(other, target, $"differs from line {first.Line}, which is about the same image.");
            if (label is not { } positive)
                return reading.NotAsked("has no such label");
            string whose = Whose(first);
            var picture = Picture(images, name, converter, source, reading, problem => csv.At(first, id, problem));
            return new Sample(name, whose, OneImage.Of(picture), positive);
        }));

        string Whose(CsvTable.Row row)
        {
            string name = csv.Text(row, id);
            return patients is null ? name
                : patients.TryGetValue(name, out string? known) ? known
                : throw csv.At(row, id, "the mapping to the NIH's images lacks this image.");
        }
    }

    // What cannot even be opened, or is something else that a download left there, is no work for a converter: reading the sample says what it is.
    private static bool IsForConverter(string file)
    {
        try
        {
            return DicomFile.Read(SiteFile.Start(file, DicomFile.LongestHeader)) is not { IsPlain: true };
        }
        catch (DataException)
        {
            return false;
        }
    }

    private static Values Picture(string images, string id, string converter, TaskSource source, Reading reading, Func<string, DataException> at)
    {
        if (File.Exists(Path.Combine(images, id + ".png")))
            return PictureFile.Read(SiteFile.Below(images, id + ".png", at), source, reading);
        string path = SiteFile.Below(images, id + ".dcm", at);
        byte[] file = SiteFile.Read(path);
        var dicom = DicomFile.Read(file);
        if (dicom is { IsPlain: true })
            return dicom.Decode(path, file, reading).Resize(path, source.ImageSize);
        // What DCMTK wrote fills its bits, whatever the pictures beside it have.
        return PictureFile.Decode(path, Dicom.ToPng(converter, path, dicom), source with { PictureBits = 0 }, reading);
    }

    private static Dictionary<string, string>? Patients(string path)
    {
        if (!File.Exists(path))
            return null;
        var patients = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var row in JsonTable.Read(path).Rows)
            patients[row.Text("subset_img_id")] = row.Text("img_id").Split('_')[0];
        return patients;
    }
}
