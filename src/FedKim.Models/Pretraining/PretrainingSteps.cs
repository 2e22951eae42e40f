using FedKim.Models.Foundation;
using static TorchSharp.torch;

namespace FedKim.Models.Pretraining;

/// <summary>How far the pre-training is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">Mean loss of the last steps, nats a token.</param>
public readonly record struct PretrainingProgress(int Step, int Steps, double Loss);

/// <summary>The steps of a pre-training: AdamW, with a linear warm-up and then half a cosine down to a hundredth.</summary>
internal static class PretrainingSteps
{
    private const int WarmUp = 50, ReportEvery = 25;
    private const double LearningRate = 3e-3, WeightDecay = 0.01, Clip = 1.0;

    /// <summary>Trains all of a model.</summary>
    /// <param name="model">A model that can be trained.</param>
    /// <param name="steps">How many.</param>
    /// <param name="batch">Gives a step's ids and labels, int64 [batch, tokens], and bool of the same shape that is true for real tokens; null where all are.</param>
    /// <param name="progress">Is told from time to time, and at the end.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>What was told last of the loss; null without a step.</returns>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static double? Run(
        FoundationModel model, int steps, Func<(Tensor Ids, Tensor? Mask, Tensor Labels)> batch, Action<PretrainingProgress> progress, CancellationToken cancel)
    {
        using var optimizer = optim.AdamW(model.Tensors.Values, LearningRate, weight_decay: WeightDecay);
        var (sum, since) = (0.0, 0);
        double? told = null;
        for (int step = 0; step < steps; step++)
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            foreach (var group in optimizer.ParamGroups)
                group.LearningRate = LearningRate * Schedule(step, steps);
            var (ids, mask, labels) = batch();
            var loss = FoundationModel.Loss(model.Logits(model.Read(model.Embed(ids), mask)), labels);
            optimizer.zero_grad();
            loss.backward();
            nn.utils.clip_grad_norm_(model.Tensors.Values, Clip);
            optimizer.step();
            sum += loss.item<float>();
            since++;
            if ((step + 1) % ReportEvery != 0 && step + 1 != steps)
                continue;
            told = sum / since;
            progress(new PretrainingProgress(step + 1, steps, told.Value));
            (sum, since) = (0, 0);
        }

        return told;
    }

    private static double Schedule(int step, int steps) => step < WarmUp
        ? (step + 1.0) / WarmUp
        : 0.01 + (0.99 * 0.5 * (1 + Math.Cos(Math.PI * (step - WarmUp) / (steps - WarmUp))));
}
