using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using FedKim.Data;
using FedKim.Models.Foundation;
using FedKim.Rounds;
using TorchSharp;

namespace FedKim.Learning.Tests;

/// <summary>Tasks that ask about each sample on its own and compare the model's words with the sample's.</summary>
public sealed class GeneratedAnswersTests(DemoFederation demo) : IClassFixture<DemoFederation>
{
    private static readonly (string Question, string Answer)[] Asked =
        [("Is there static noise in lead aVL?", "yes"), ("Is there burst noise?", "no"), ("Is there any noise?", "no"), ("Which noise is there?", "baseline drift")];

    private static TaskPlan Noise { get; } = new()
    {
        Name = "ecg-noise",
        Kind = TaskPlan.ZeroShotKind,
        Modalities = ["signal"],
        Source = DemoFederation.Plan.Tasks.Single(t => t.Name == "ecg-abnormal").Source with { Reader = "ecg-qa", Path = "questions", Records = "ecg", Label = "label" },
        Prompt = "Based on this ECG, answer the question: {question}",
        TaskDescription = "Say what disturbs a recording.",
        ModalityDescription = "Text and ECG",
        Answering = TaskPlan.Generated,
        MostTokens = 6,
    };

    [Fact]
    public void Words_are_compared_with_the_samples_own_and_constant_answers_stand_beside()
    {
        var noise = Measure(Noise);

        Assert.Equal((4, null, null, null), (noise.N, noise.Accuracy, noise.Auroc, noise.Greedy));
        Assert.Equal(noise.Bleu, noise.Bleus!.Value[0]);
        Assert.Equal(4, noise.Bleus.Value.Length);
        Assert.InRange(noise.Bleu!.Value, noise.Low!.Value, noise.High!.Value);
        // Three of the four want yes or no, and two of these no: that is also the commonest answer.
        Assert.InRange(noise.Unparsed * 3, 0, 3);
        Assert.Equal((0.25, 1 / 3.0), Reaches("always-yes"));
        Assert.Equal((0.5, 2 / 3.0), Reaches("always-no"));
        Assert.Equal(noise.Trivial["always-no"], noise.Trivial["majority"]);

        // BLEU-1 without the brevity of "no" for the two words of "baseline drift", which both constants share.
        (double, double) Reaches(string answer) => (Math.Round(noise.Trivial[answer].Bleu!.Value / Math.Exp(1 - (5 / 4.0)), 12), noise.Trivial[answer].ExactMatch!.Value);
    }

    [Fact]
    public void Every_sample_s_own_question_stands_in_its_prompt()
    {
        var plan = DemoFederation.Plan.TrainingOnly(["ecg-abnormal"]);
        using var data = TaskData.Read(plan.InputOf(Noise), Path.Combine(ServerData(), "test"), "server", _ => { })!;
        using var model = plan.CreateModel();
        var tokenizer = FoundationTokenizer.Load(Path.Combine(DemoInjection.Repository(), plan.Injection.FoundationModel));
        using var scope = torch.NewDisposeScope();

        var input = new TaskWords(Noise, Method.Of("fedkim"), tokenizer).Input(model, data, [2, 0]);

        Assert.Equal(
            ["Based on this ECG, answer the question: Is there any noise?", "Based on this ECG, answer the question: Is there static noise in lead aVL?"],
            input.Prompts.Select(tokenizer.Decode));
    }

    [Theory]
    [InlineData("ecg-noise", "Which noise is there?", "Say in its prompt where the question stands: {question}")]
    [InlineData("ecg-abnormal", "Is it abnormal? {question}", "brings no question for {question} in the prompt")]
    public void A_prompt_has_a_place_for_questions_where_there_are_some_and_none_where_there_are_none(string name, string prompt, string problem)
    {
        var task = (name == Noise.Name ? Noise : DemoFederation.Plan.Tasks.Single(t => t.Name == name)) with { Prompt = prompt };
        Assert.Contains(problem, Assert.Throws<LearningException>(() => Evaluate(task)).Message);
    }

    [Fact]
    public void A_task_without_answers_in_words_cannot_be_generated()
    {
        var task = DemoFederation.Plan.Tasks.Single(t => t.Name == "ectopic-beats") with { Answering = TaskPlan.Generated };
        Assert.Contains("has no answer in words", Assert.Throws<LearningException>(() => Evaluate(task)).Message);
    }

    private TaskEvaluation Measure(TaskPlan task) => Evaluate(task).Single(e => e.Task == task.Name && e.Method == "fedkim");

    private ImmutableArray<TaskEvaluation> Evaluate(TaskPlan task)
    {
        var trained = DemoFederation.Plan.TrainingOnly(["ecg-abnormal"]);
        var plan = trained with { Tasks = [.. trained.Tasks.Where(t => t.Name == "ecg-abnormal" && t.Name != task.Name), task] };
        using var injection = new Injection(ServerData(), DemoInjection.Repository());
        var model = injection.Initialize(new FederationId("test"), DemoFederation.Seed, plan.ToJson(), demo.Folder());
        return injection.Evaluate(
            new EvaluationRequest(plan.ToJson(), DemoFederation.Seed, model.GlobalModel, model.GlobalModel, model.Adapter), _ => { }, CancellationToken.None);
    }

    // The demonstration's test data, with questions about its first records.
    private string ServerData()
    {
        string folder = demo.Folder(), test = Directory.CreateDirectory(Path.Combine(folder, "test")).FullName, questions = Directory.CreateDirectory(Path.Combine(test, "questions")).FullName;
        string from = Path.Combine(demo.Data, "server", "test");
        foreach (string file in Directory.EnumerateFiles(Path.Combine(from, "ecg"), "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(test, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var records = DataSet.Read(DemoFederation.Plan.Tasks.Single(t => t.Name == "ecg-abnormal").Source, from)!.Samples;
        File.WriteAllText(Path.Combine(questions, "paraphrased_test.json"), JsonSerializer.Serialize(Asked.Select((asked, i) => new
        {
            sample_id = i,
            question_type = "single-verify",
            attribute_type = "noise",
            question = asked.Question,
            answer = new[] { asked.Answer },
            ecg_id = new[] { int.Parse(Path.GetFileName(records[i].Id).Split('_')[0], CultureInfo.InvariantCulture) },
        })));
        return folder;
    }
}
