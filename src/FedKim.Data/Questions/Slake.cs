using System.Collections.Immutable;
using FedKim.Data.Files;

namespace FedKim.Data.Questions;

/// <summary>
/// Reads SLAKE (Liu et al. 2021): train.json, validate.json (validation.json in one of its mirrors), test.json and imgs/xmlab…/source.jpg. Its
/// parts share no pictures. One modality, <c>image</c>, [1, size, size], 0 to 1.
/// </summary>
internal sealed class Slake : IReader
{
    /// <inheritdoc/>
    public string Name => "slake";

    /// <inheritdoc/>
    public Modality Modality => Modality.Image;

    /// <inheritdoc/>
    public ImmutableArray<string> Keys => ["questions", "language", "parts", "picture-bits"];

    /// <inheritdoc/>
    public bool AsksEach => true;

    /// <inheritdoc/>
    public ImmutableArray<string>? Parts => ["train", "validate", "test"];

    /// <inheritdoc/>
    public bool IsParted => true;

    /// <inheritdoc/>
    public bool AnswersInWords(TaskSource source) => source.Questions != QuestionKind.YesNo;

    /// <inheritdoc/>
    public IEnumerable<ListedSample> Read(DataPlace place)
    {
        var (source, folder, wanted, reading) = place;
        if (source.Language is not ("en" or "zh"))
            throw new DataException(folder, $"the set has no questions in '{source.Language}'; it has en and zh.");
        var questions = new PictureQuestions(source, "img_name", wanted, reading);
        string images = Path.Combine(folder, "imgs");
        foreach (string part in source.PartsOf(folder, "train", "validate", "test"))
        {
            foreach (var row in JsonTable.Read(List(folder, part)).Rows)
            {
                yield return questions.Listed(row, () => row.Text("q_lang") == source.Language
                    ? questions.Read(row, part, (picture, at) => SiteFile.Below(images, picture, at))
                    : reading.NotAsked($"is in another language than {source.Language}"));
            }
        }
    }

    private static string List(string folder, string part)
    {
        string mirrored = Path.Combine(folder, "validation.json");
        return part == "validate" && File.Exists(mirrored) ? mirrored : Path.Combine(folder, part + ".json");
    }
}
