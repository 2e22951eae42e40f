using System.Collections.Immutable;
using FedKim.Data.Files;

namespace FedKim.Data.Questions;

/// <summary>
/// Reads VQA-RAD (Lau et al. 2018): "VQA_RAD Dataset Public.json" and its folder of pictures. A phrase_type that starts with test_ is the set's
/// own test part; it asks about pictures of the training part, so that the two are no split by patient: where its parts are kept, the training
/// part's questions about a picture of the test part are left out.
/// One modality, <c>image</c>, [1, size, size], 0 to 1.
/// </summary>
internal sealed class VqaRad : IReader
{
    /// <inheritdoc/>
    public string Name => "vqa-rad";

    /// <inheritdoc/>
    public Modality Modality => Modality.Image;

    /// <inheritdoc/>
    public ImmutableArray<string> Keys => ["questions", "parts", "images", "picture-bits"];

    /// <inheritdoc/>
    public bool AsksEach => true;

    /// <inheritdoc/>
    public ImmutableArray<string>? Parts => ["train", "test"];

    /// <inheritdoc/>
    public bool IsParted => true;

    /// <inheritdoc/>
    public bool AnswersInWords(TaskSource source) => source.Questions != QuestionKind.YesNo;

    /// <inheritdoc/>
    public IEnumerable<ListedSample> Read(DataPlace place)
    {
        var (source, folder, wanted, reading) = place;
        string[] parts = source.PartsOf(folder, "train", "test");
        string[] folders = source.Images.Length > 0 ? [source.Images] : ["VQA_RAD Image Folder", "images"];
        string images = folders.Select(name => SiteFile.Inside(folder, name)).FirstOrDefault(Directory.Exists)
            ?? throw new DataException(folder, $"has no folder of pictures; expected {string.Join(" or ", folders)}.");
        var questions = new PictureQuestions(source, "image_name", wanted, reading);
        return JsonTable.Read(Path.Combine(folder, "VQA_RAD Dataset Public.json")).Rows.Select(row => questions.Listed(row, () =>
        {
            string part = row.Text("phrase_type").StartsWith("test_", StringComparison.Ordinal) ? "test" : "train";
            return parts.Contains(part) ? questions.Read(row, part, (picture, at) => SiteFile.Below(images, Stored(images, picture), at)) : reading.NotAsked("is of another part of the set");
        }));
    }

    // The list names JPEGs; the pictures may have been stored again as PNG.
    private static string Stored(string images, string picture)
    {
        string png = Path.ChangeExtension(picture, ".png");
        return !File.Exists(Path.Combine(images, picture)) && File.Exists(Path.Combine(images, png)) ? png : picture;
    }
}
