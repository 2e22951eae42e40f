using FedKim.Rounds;

namespace FedKim.Models.Pretraining;

/// <summary>A line of the text the demo's foundation model learns.</summary>
/// <param name="Report">What stands before the prompt, where features will stand later; may be empty.</param>
/// <param name="Text">A question, a description or a remark.</param>
/// <param name="Answer">The answer to the question; empty where nothing is asked.</param>
internal sealed record DemoLine(string Report, string Text, string Answer);

/// <summary>Draws lines: questions whose answer a report before them gives, questions without a report and with either answer, descriptions, remarks.</summary>
internal sealed class DemoCorpus(SeededGenerator random)
{
    public DemoLine Next()
    {
        double kind = random.NextDouble();
        if (kind < 0.06)
            return new DemoLine("", Description(), "");
        if (kind < 0.10)
            return new DemoLine("", Pick(DemoTexts.Remarks), "");
        return Question();
    }

    /// <summary>A question with a report that answers it, or without any.</summary>
    public DemoLine Question(bool? withReport = null)
    {
        var (question, finding) = Ask();
        bool positive = random.Chance(0.5);
        string answer = DemoTexts.Answers[positive ? 1 : 0];
        if (!(withReport ?? random.Chance(0.75)))
            return new DemoLine("", question, answer);
        List<string> report = [random.Chance(0.5) ? Say(Pick(DemoTexts.Summaries), positive, finding) : Say(Pick(DemoTexts.Statements), positive, finding)];
        // What else a report says must not decide the answer.
        if (random.Chance(0.4))
            report.Insert(random.NextInt(2), Pick(DemoTexts.Remarks));
        return new DemoLine(string.Join(' ', report), question, answer);
    }

    private (string Question, string Finding) Ask()
    {
        if (random.Chance(0.6))
        {
            var task = Pick(DemoTexts.Tasks);
            return (task.Prompt, task.Finding);
        }

        var (finding, modality) = Pick(DemoTexts.Findings);
        return (string.Format(Pick(DemoTexts.Questions[modality]), finding), finding);
    }

    private string Description()
    {
        var task = Pick(DemoTexts.Tasks);
        return random.Chance(0.5) ? task.TaskDescription : task.ModalityDescription;
    }

    private static string Say((string For, string Against) statement, bool positive, string finding) =>
        string.Format(positive ? statement.For : statement.Against, finding).Replace("no an ", "no ", StringComparison.Ordinal);

    private T Pick<T>(IReadOnlyList<T> from) => from[random.NextInt(from.Count)];
}
