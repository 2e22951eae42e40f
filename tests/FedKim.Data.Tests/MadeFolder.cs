using System.Collections.Immutable;
using FedKim.Data.Dealing;
using FedKim.Rounds;
using SkiaSharp;

namespace FedKim.Data.Tests;

/// <summary>A folder for a test to fill with files in a data set's published layout.</summary>
internal sealed class MadeFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-made-");

    public string Path => _folder.FullName;

    public string At(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a text file, its folders too; returns its path.</summary>
    public string Text(string name, params string[] lines) => Bytes(name, System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));

    public string Bytes(string name, byte[] bytes)
    {
        string path = At(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>Writes a picture that differs from that of any other number; a JPEG where the name says so, else a PNG.</summary>
    public string Picture(string name, int number, int size = 8)
    {
        var random = SeededGenerator.Derive(7, "picture", number);
        using var picture = new SKBitmap(size, size);
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
                picture.SetPixel(x, y, new SKColor((byte)random.NextInt(256), (byte)random.NextInt(256), (byte)random.NextInt(256)));
        }

        using var encoded = picture.Encode(name.EndsWith(".jpg", StringComparison.Ordinal) ? SKEncodedImageFormat.Jpeg : SKEncodedImageFormat.Png, 95);
        return Bytes(name, encoded.ToArray());
    }

    /// <summary>The folder's samples; the source's path is the folder itself.</summary>
    public DataSet Read(TaskSource source) => DataSet.Read(source, Path) ?? throw new InvalidOperationException($"{source.Reader} found no samples.");

    /// <summary>The error that reading ends with; it names <paramref name="file"/>.</summary>
    public string Problem(TaskSource source, string file)
    {
        var error = Assert.Throws<DataException>(() => DataSet.Read(source, Path));
        Assert.Equal(System.IO.Path.GetFullPath(At(file)), System.IO.Path.GetFullPath(error.File));
        return error.Problem;
    }

    /// <summary>What a place reads that was dealt a patient of the folder's data, or of those in <paramref name="from"/>.</summary>
    public DataSet? Dealt(TaskSource source, string patient, string? from = null, PublishedPart? part = null)
    {
        string place = At($"places/{Guid.NewGuid()}");
        new DealtData
        {
            From = from ?? Path,
            Sources = [new DealtSource(source.Path, source.Label, source.Attribute, Here: true, part)],
            Patients = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty.Add(source.Pool, [patient]),
        }.Write(place);
        return DataSet.Read(source, place);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
