using System.Collections.Immutable;
using System.Globalization;
using FedKim.Data.Files;

namespace FedKim.Data.Images;

/// <summary>
/// Reads a two-dimensional set of MedMNIST v2 (Yang et al. 2023): one .npz of train, val and test images, [n, edge, edge] or [n, edge, edge, 3],
/// and labels, [n, columns]. Grey sets give [1, size, size], coloured ones [3, size, size]. Nobody knows the patients: every image is its own.
/// </summary>
internal sealed class MedMnist : IReader
{
    /// <inheritdoc/>
    public string Name => "medmnist";

    /// <inheritdoc/>
    public Modality Modality => Modality.Image;

    /// <inheritdoc/>
    public ImmutableArray<string> Keys => ["file", "label", "parts"];

    /// <inheritdoc/>
    public ImmutableArray<string>? Parts => ["train", "val", "test"];

    /// <inheritdoc/>
    public bool IsParted => true;

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Problem)> Problems(TaskSource source)
    {
        if (source.File.Length == 0)
            yield return ("file", "is missing; set it to the archive's name such as pneumoniamnist.npz.");
    }

    /// <inheritdoc/>
    public IEnumerable<ListedSample> Read(DataPlace place)
    {
        var (source, folder, wanted, _) = place;
        if (source.File.Length == 0)
            throw new DataException(folder, "the source names no file; name the archive, such as pneumoniamnist.npz.");
        string path = SiteFile.Below(folder, source.File, problem => new DataException(folder, $"source file: {problem}"));
        string[] parts = source.PartsOf(folder, "train", "val", "test");
        using var npz = NpzFile.Open(path);
        var labels = Labels(npz, path, parts, source.LabelOr("1"));
        foreach (string part in parts)
        {
            using var images = npz.Array(part + "_images");
            if (images.Shape is not ([_, > 0, > 0] or [_, > 0, > 0, 3]))
                throw images.At($"is {images.ShapeText}; expected pictures as n×height×width or n×height×width×3.");
            int[] label = labels[part];
            var published = part switch { "train" => PublishedPart.Train, "val" => PublishedPart.Development, _ => PublishedPart.Test };
            PictureFile.CheckSize(path, images.Shape[1], images.Shape[2]);
            var (height, width, channels) = (images.Shape[1], images.Shape[2], images.Shape.Length == 4 ? 3 : 1);
            for (int i = 0; i < label.Length; i++)
            {
                byte[] values = images.Next(height * width * channels);
                string id = $"{part}/{i:000000}";
                int positive = label[i];
                yield return () => wanted(id)
                    ? new Sample(id, id, OneImage.Of(Picture(path, values, height, width, channels, source.ImageSize)), positive) { Part = published }
                    : null;
            }
        }
    }

    private static Values Picture(string path, byte[] values, int height, int width, int channels, int size)
    {
        using var bitmap = Pixels.Of(values, width, height, channels);
        return channels == 1 ? Pixels.Grey(path, bitmap, size) : Pixels.Colours(path, bitmap, size);
    }

    // "1", "3,4" or, of a set with several columns of labels, "2=1".
    private static Dictionary<string, int[]> Labels(NpzFile npz, string path, string[] parts, string label)
    {
        string[] sides = label.Split('=', 2, StringSplitOptions.TrimEntries);
        int[] classes = [.. sides[^1].Split(',', StringSplitOptions.TrimEntries).Select(Number)];
        int? column = sides.Length == 2 ? Number(sides[0]) : null;
        var seen = new SortedSet<int>();
        var labels = parts.ToDictionary(part => part, Part);
        int missing = classes.FirstOrDefault(c => !seen.Contains(c), -1);
        return missing < 0 ? labels : throw new DataException(path, $"no picture has class {missing}; the classes are {string.Join(", ", seen)}.");

        int[] Part(string part)
        {
            using var array = npz.Array(part + "_labels");
            int columns = array.Shape switch
            {
                [_] => 1,
                [_, > 0 and var several] => several,
                _ => throw array.At($"is {array.ShapeText}; expected labels as n×columns."),
            };
            if (column is null && columns > 1)
                throw array.At($"has {columns} columns; name one in the label, such as 0=1.");
            if (column >= columns)
                throw array.At($"has {columns} columns, counted from 0; the label names column {column}.");
            // A label's array is small; one that claims to be large is held against its pictures before it is read.
            using var pictures = npz.Array(part + "_images");
            if ((pictures.Shape is [var count, ..] ? count : 0) is var shown && shown != array.Shape[0])
                throw pictures.At($"has {shown} pictures, but {part}_labels has {array.Shape[0]} labels.");
            byte[] values = array.Next(array.Shape[0] * columns);
            int[] own = [.. Enumerable.Range(0, array.Shape[0]).Select(row => (int)values[(row * columns) + (column ?? 0)])];
            seen.UnionWith(own);
            return [.. own.Select(c => classes.Contains(c) ? 1 : 0)];
        }

        int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new DataException(path, $"the label '{label}' names no class; expected a class such as 1, several such as 3,4, or a column's such as 2=1.");
    }
}
