using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>A client that learns nothing: its update is the global model with a mark of (seed, round, client).</summary>
public sealed class RehearsalTraining : ILocalTraining
{
    /// <inheritdoc/>
    public LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel)
    {
        string path = Path.Combine(request.WorkFolder, "update.safetensors");
        WeightFile update;
        if (File.Exists(path))
        {
            update = new WeightFile(path, Digests.OfFile(path));
        }
        else
        {
            progress(new LearningProgress(0, 1, double.NaN));
            RehearsalPlan.Parse(request.Learning).Pretend(cancel);
            var random = SeededGenerator.Derive(request.Seed, "rehearsal", request.Round.Number, request.Client.Value);
            update = RehearsalModel.Move(request.GlobalModel.Path, path, (float)random.NextDouble());
            progress(new LearningProgress(1, 1, 0));
        }

        return new LocalUpdate(update, SampleCounts.Of((RehearsalPlan.Task, 1)), new Dictionary<string, double> { [RehearsalPlan.Task] = 0 });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
