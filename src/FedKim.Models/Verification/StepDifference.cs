using FedKim.Models.Injection;
using static TorchSharp.torch;

namespace FedKim.Models.Verification;

/// <summary>How far an injection step is from the same one that is computed otherwise: on another device, or with products of less precision.</summary>
/// <param name="Loss">Of the loss, relative to it.</param>
/// <param name="Gradients">The length of what lies between the gradients of all adapters together, relative to their length.</param>
public sealed record StepDifference(double Loss, double Gradients)
{
    /// <summary>Computes the step both ways. Neither model is changed.</summary>
    /// <param name="exact">The model that is held to be right.</param>
    /// <param name="other">The same weights, computed otherwise.</param>
    /// <param name="input">The batch on a device; asked once for each.</param>
    /// <param name="answers">Answers' ids with their end, one or one a row.</param>
    public static StepDifference Between(InjectedFoundationModel exact, InjectedFoundationModel other, Func<Device, InjectionInput> input, IReadOnlyList<int[]> answers)
    {
        using var scope = NewDisposeScope();
        var (right, its) = Step(exact, input, answers);
        var (loss, gradients) = Step(other, input, answers);
        return new StepDifference(Math.Abs(loss - right) / Math.Abs(right), (gradients - its).norm().item<double>() / its.norm().item<double>());
    }

    private static (double Loss, Tensor Gradients) Step(InjectedFoundationModel model, Func<Device, InjectionInput> input, IReadOnlyList<int[]> answers)
    {
        var loss = model.AnswerLoss(input(model.Foundation.Device), answers);
        loss.backward();
        using var noGradient = no_grad();
        var all = cat([.. model.Parameters.Values.Select(p => (p.grad ?? zeros_like(p)).detach().to(ScalarType.Float64, CPU).flatten())]);
        foreach (var parameter in model.Parameters.Values)
            parameter.grad = null;
        return (loss.item<float>(), all);
    }
}
