using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning.Rehearsal;

/// <summary>A client that learns nothing: its update is the global model with a mark of (seed, round, client).</summary>
public sealed class RehearsalTraining : ILocalTraining
{
    private const string UpdateName = "update.safetensors";

    /// <inheritdoc/>
    public LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel)
    {
        // A site that lacks a package shall hear of it now, and not from its patients' first round.
        _ = Aggregation.Strategies.Get(request.Strategy);
        var work = StepCheckpoint.Work(
            "rehearsal", request.Round.ToString(), request.Client.Value, $"{request.Seed}", request.Learning, request.GlobalModel.Digest.Hex);
        var update = FinishedWork.Find<string>(request.WorkFolder, work)?.Files[UpdateName];
        if (update is null)
        {
            progress(new LearningProgress(0, 1, double.NaN));
            double share = SeededGenerator.Derive(request.Seed, "stagger", request.Round.Number, request.Client.Value).NextDouble();
            RehearsalPlan.Parse(request.Learning).Pretend(share, cancel);
            var random = SeededGenerator.Derive(request.Seed, "rehearsal", request.Round.Number, request.Client.Value);
            update = RehearsalModel.Move(request.GlobalModel, Path.Combine(request.WorkFolder, UpdateName), (float)random.NextDouble());
            FinishedWork.Mark(request.WorkFolder, work, "", update);
            progress(new LearningProgress(1, 1, 0));
        }

        return new LocalUpdate(update, SampleCounts.Of((RehearsalPlan.Task, 1)), new Dictionary<string, double> { [RehearsalPlan.Task] = 0 });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
