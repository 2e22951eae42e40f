using FedKim.Models.Injection;
using static TorchSharp.torch;

namespace FedKim.Models.Tests.Injection;

public sealed class AnswersLossTests
{
    private static readonly int[][] Answers = [[7, 8, 2], [9, 2], [5, 6, 4, 2]];

    [Theory]
    [InlineData(3)]
    [InlineData(0)]
    public void Answers_read_side_by_side_cost_what_each_costs_alone_with_the_same_gradients(int experts)
    {
        using var scope = NewDisposeScope();
        using var tiny = new TinyInjection(experts: experts);
        float[,] wanted = { { 0.2f, 0.5f, 0.3f }, { 0, 0.9f, 0.4f } };

        var (expected, its) = Computed(tiny.Model, input => stack([.. Answers.SelectMany((answer, i) => Enumerable.Range(0, 2).Select(row =>
            tiny.Model.AnswerLoss(Row(input, row), [answer]) * answer.Length * wanted[row, i]))]).sum());
        var (together, gradients) = Computed(tiny.Model, input => tiny.Model.AnswersLoss(input, Answers, tensor(wanted)));
        using var checkpoints = new ActivationCheckpoints();
        var (again, checkpointed) = Computed(tiny.Model, input => tiny.Model.AnswersLoss(input, Answers, tensor(wanted), checkpoints), checkpoints);

        Assert.Equal(expected, together, 1e-4f);
        Assert.All(its, name => AssertNear(name.Value, gradients[name.Key]));
        Assert.Equal(together, again);
        Assert.All(gradients, name => Assert.Equal(name.Value, checkpointed[name.Key]));
    }

    private static InjectionInput Row(InjectionInput batch, int row) => new(
        [.. batch.Features.Select(f => (f.Modality, f.Tokens.narrow(0, row, 1)))], [batch.Prompts[row]], batch.ModalityDescriptions, [batch.TaskDescriptions[row]]);

    // The loss, and the gradients of the features and of all adapters.
    private static (float Loss, SortedDictionary<string, float[]> Gradients) Computed(
        InjectedFoundationModel model, Func<InjectionInput, Tensor> compute, ActivationCheckpoints? checkpoints = null)
    {
        using var scope = NewDisposeScope();
        var input = TinyInjection.Input();
        var loss = compute(input);
        if (checkpoints is null)
            loss.backward();
        else
            checkpoints.Backward(loss);
        var found = new SortedDictionary<string, float[]>(StringComparer.Ordinal) { ["features"] = input.Features[0].Tokens.grad!.data<float>().ToArray() };
        foreach (var (name, parameter) in model.Parameters)
        {
            found.Add(name, parameter.grad!.contiguous().data<float>().ToArray());
            parameter.grad = null;
        }

        return (loss.item<float>(), found);
    }

    private static void AssertNear(float[] expected, float[] actual)
    {
        float bound = 1e-5f + (1e-4f * expected.Max(Math.Abs));
        Assert.All(expected.Zip(actual), both => Assert.InRange(both.Second - both.First, -bound, bound));
    }
}
