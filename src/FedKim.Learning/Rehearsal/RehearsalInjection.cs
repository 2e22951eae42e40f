using System.Collections.Immutable;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>An injector without a foundation model: hands the aggregate back as the next global model.</summary>
public sealed class RehearsalInjection : IInjection
{
    /// <inheritdoc/>
    public InjectedModel Initialize(FederationId federation, long seed, string learning, string workFolder)
    {
        var model = RehearsalModel.Create(
            Path.Combine(workFolder, "global.safetensors"), RehearsalPlan.Parse(learning).Mebibytes, SeededGenerator.Derive(seed, "rehearsal"));
        var adapter = RehearsalModel.Create(Path.Combine(workFolder, "adapter.safetensors"), 0, SeededGenerator.Derive(seed, "adapter"));
        return new InjectedModel(model, adapter, double.NaN);
    }

    /// <inheritdoc/>
    public InjectedModel Inject(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel)
    {
        string path = Path.Combine(request.WorkFolder, "adapter.safetensors");
        if (File.Exists(path))
            return new InjectedModel(request.Aggregate, new WeightFile(path, Digests.OfFile(path)), 0);
        RehearsalPlan.Parse(request.Learning).Pretend(cancel);
        float step = (float)SeededGenerator.Derive(request.Seed, "inject", request.Round.Number).NextDouble();
        return new InjectedModel(request.Aggregate, RehearsalModel.Move(request.Adapter.Path, path, step), 0);
    }

    /// <inheritdoc/>
    public ImmutableArray<TaskEvaluation> Evaluate(EvaluationRequest request, Action<LearningProgress> progress, CancellationToken cancel) => [];

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
