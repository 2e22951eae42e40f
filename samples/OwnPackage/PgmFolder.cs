using System.Collections.Immutable;
using System.Globalization;
using FedKim.Data;

namespace OwnPackage;

/// <summary>Reads grey pictures in plain PGM (P2) that are called PATIENT_LABEL_NUMBER.pgm and have the task's image-size.</summary>
public sealed class PgmFolder : IReader
{
    public string Name => "pgm-folder";

    public Modality Modality => Modality.Image;

    public IEnumerable<ListedSample> Read(DataPlace place)
    {
        foreach (string path in Directory.EnumerateFiles(place.Folder, "*.pgm"))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            if (name.Split('_') is not [var patient, ("0" or "1") and var label, _])
                throw new DataException(path, "the name is not PATIENT_LABEL_NUMBER.pgm, with 0 or 1 as the label.");
            yield return () => place.Wanted(patient) ? new Sample(name, patient, Picture(path, place.Source.ImageSize), label == "1" ? 1 : 0) : null;
        }
    }

    private static ImmutableSortedDictionary<string, Values> Picture(string path, int size)
    {
        string[] words = File.ReadAllText(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words is not ["P2", var width, var height, "255", .. var greys] || width != $"{size}" || height != $"{size}" || greys.Length != size * size)
            throw new DataException(path, $"expected a plain PGM picture of {size} × {size} pixels with 255 grey values.");
        float[] values = [.. greys.Select(grey => byte.TryParse(grey, CultureInfo.InvariantCulture, out byte value) ? value / 255f : throw new DataException(path, "a pixel is no number."))];
        return ImmutableSortedDictionary<string, Values>.Empty.Add("image", new Values([1, size, size], values));
    }
}
