using System.Collections.Immutable;
using FedKim.Data.Files;

namespace FedKim.Data.Images;

/// <summary>
/// Reads the COVID-19 Radiography Database (Chowdhury et al. 2020, Rahman et al. 2021): a folder a class with its PNGs in <c>images</c>, or, in
/// the first releases, in the folder itself. Masks and spreadsheets are left alone. Nobody knows the patients: every picture is its own.
/// One modality, <c>image</c>, [1, size, size], 0 to 1.
/// </summary>
internal sealed class CovidRadiography : IReader
{
    // The first releases write COVID-19 and NORMAL, and have no Lung_Opacity.
    private static readonly string[] Known = ["COVID", "COVID-19", "Lung_Opacity", "NORMAL", "Normal", "Viral Pneumonia"];

    // As its authors say. The first releases' NORMAL is of another set.
    private static readonly (string Part, string Of)[] OfTheRsna = [("Lung_Opacity", "all 6,012"), ("Normal", "8,851 of 10,192")];

    /// <inheritdoc/>
    public string Name => "covid-radiography";

    /// <inheritdoc/>
    public Modality Modality => Modality.Image;

    /// <inheritdoc/>
    public ImmutableArray<string> Keys => ["label", "parts", "picture-bits", "shared-people"];

    /// <inheritdoc/>
    public ImmutableArray<string>? Parts => null;

    // Its spreadsheets say of a picture from which set it is, and not which picture of it: no list brings the two sets' names together.
    /// <inheritdoc/>
    public string? SharedWith(TaskSource source, TaskSource other)
    {
        if (other.Reader != "rsna")
            return null;
        string[] shared = [.. OfTheRsna.Where(folder => source.Parts.IsEmpty || source.Parts.Contains(folder.Part)).Select(folder => $"{folder.Part} ({folder.Of})")];
        return shared.Length == 0 ? null : $"pictures that are the RSNA's under other names: {string.Join(" and ", shared)}";
    }

    /// <inheritdoc/>
    public IEnumerable<ListedSample> Read(DataPlace place)
    {
        var (source, folder, wanted, reading) = place;
        string[] classes = [.. SiteFile.List(folder, Directory.EnumerateDirectories).Select(path => Path.GetFileName(path)!)];
        if (classes.Except(Known).FirstOrDefault() is { } unknown)
            throw new DataException(Path.Combine(folder, unknown), $"is no class of this set, whose folders are {string.Join(", ", Known)}; move it elsewhere.");
        string[] parts = source.PartsOf(folder, classes);
        string positive = source.LabelOr("COVID");
        if (!parts.Contains(positive))
            throw new DataException(folder, $"has no folder '{positive}' for the label among those that are read: {string.Join(", ", parts)}.");
        foreach (string part in parts)
        {
            int label = part == positive ? 1 : 0;
            foreach (string path in Pictures(Path.Combine(folder, part)))
            {
                string id = $"{part}/{Path.GetFileName(path)}";
                yield return () => wanted(id) ? new Sample(id, id, OneImage.Of(PictureFile.Read(path, source, reading)), label) : null;
            }
        }
    }

    private static string[] Pictures(string folder)
    {
        string images = Path.Combine(folder, "images");
        string[] pictures = SiteFile.List(Directory.Exists(images) ? images : folder, path => Directory.EnumerateFiles(path, "*.png"));
        if (pictures.Length == 0)
            throw new DataException(folder, "has no PNG pictures, neither in images nor directly.");
        return pictures;
    }
}
