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
internal sealed class PictureQuestions(TaskSource source, string pictureField, Func<string, bool> wanted)
{
    private readonly Dictionary<string, Values> _pictures = new(StringComparer.Ordinal);

    /// <summary>The sample of a row; null when it is not asked for.</summary>
    /// <param name="row">The question.</param>
    /// <param name="part">The set's part that it belongs to; the sample's id starts with it.</param>
    /// <param name="file">Path of the picture of a name; see <see cref="SiteFile.Below"/>.</param>
    /// <exception cref="DataException">A field is missing, or the picture cannot be used.</exception>
    public Sample? Read(JsonTable.Row row, string part, Func<string, Func<string, DataException>, string> file)
    {
        string answer = row.Text("answer");
        bool? yes = answer.ToUpperInvariant() switch { "YES" => true, "NO" => false, _ => null };
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
        if (!asked) return null;
        string picture = row.Text(pictureField);
        if (!wanted(picture)) return null;
        if (!_pictures.TryGetValue(picture, out var values))
            values = _pictures[picture] = PictureFile.Read(file(picture, problem => row.At(pictureField, problem)), source.ImageSize);
        return new Sample($"{part}/{row.Text("qid")}", picture, OneImage.Of(values), yes is true ? 1 : 0, row.Text("question"), answer);
    }
}
