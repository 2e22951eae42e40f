using FedKim.Data.Files;
using FedKim.Data.Images;

namespace FedKim.Data.Questions;

/// <summary>
/// Questions about pictures in the fields that VQA-RAD and SLAKE share: qid, question, answer and answer_type. One sample is one question; the
/// picture stands for the patient, so that no picture is asked about in two places.
/// </summary>
/// <param name="source">The task's source.</param>
/// <param name="pictureField">The field with the picture's name.</param>
/// <param name="wanted">Which pictures are read.</param>
/// <param name="reading">Told of questions that are not asked.</param>
internal sealed class PictureQuestions(TaskSource source, string pictureField, Func<string, bool> wanted, Reading reading)
{
    // As the sets write them, in English and in Chinese, where a question for whether something is there is answered by "there is".
    private static readonly HashSet<string> Yes = ["YES", "是", "是的", "有", "对"], No = ["NO", "不是", "否", "不", "没有", "无", "不对"];

    private readonly Dictionary<string, Values> _pictures = new(StringComparer.Ordinal);

    /// <summary>The question of a row, which is passed over where its picture is not wanted.</summary>
    /// <param name="row">The question.</param>
    /// <param name="read">Reads it, should it be of those that the source asks for.</param>
    public ListedSample Listed(JsonTable.Row row, Func<Sample?> read) => ListedSamples.Of(wanted, () => row.Text(pictureField), read);

    /// <summary>The sample of a row; null when it is not asked for.</summary>
    /// <param name="row">The question.</param>
    /// <param name="part">The set's part that it belongs to; the sample's id starts with it.</param>
    /// <param name="file">Path of the picture of a name; see <see cref="SiteFile.Below"/>.</param>
    /// <exception cref="DataException">A field is missing, or the picture cannot be used.</exception>
    public Sample? Read(JsonTable.Row row, string part, Func<string, Func<string, DataException>, string> file)
    {
        string answer = row.Text("answer");
        string word = answer.TrimEnd('.', '!', '。', '！', ' ').ToUpperInvariant();
        bool? yes = Yes.Contains(word) ? true : No.Contains(word) ? false : null;
        var kind = row.Text("answer_type") switch
        {
            "CLOSED" => QuestionKind.Closed,
            "OPEN" => QuestionKind.Open,
            _ => throw row.At("answer_type", "expected OPEN or CLOSED."),
        };
        bool asked = source.Questions switch
        {
            QuestionKind.All => true,
            QuestionKind.YesNo => yes is not null,
            var one => one == kind,
        };
        if (!asked && source.Questions != QuestionKind.YesNo)
            return reading.NotAsked($"is a question of another kind than {source.Questions}");
        if (!asked)
        {
            reading.LeftOut.Add(new LeftOut(row.File, "is answered by neither yes nor no; only questions that are, are asked."));
            return null;
        }

        string picture = row.Text(pictureField);
        if (!_pictures.TryGetValue(picture, out var values))
            values = _pictures[picture] = PictureFile.Read(file(picture, problem => row.At(pictureField, problem)), source, reading);
        return new Sample($"{part}/{row.Text("qid")}", picture, OneImage.Of(values), yes is true ? 1 : 0, row.Text("question"), answer)
        {
            Part = part switch { "train" => PublishedPart.Train, "test" => PublishedPart.Test, _ => PublishedPart.Development },
        };
    }
}
