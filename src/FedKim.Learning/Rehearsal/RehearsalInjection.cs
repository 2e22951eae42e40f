using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>An injector without a foundation model: hands the aggregate back as the next global model.</summary>
public sealed class RehearsalInjection : IInjection
{
    /// <inheritdoc/>
    public InjectedModel Initialize(FederationId federation, long seed, string learning, string workFolder)
    {
        string model = Path.Combine(workFolder, "global.safetensors");
        RehearsalModel.Create(model, RehearsalPlan.Parse(learning).Mebibytes, SeededGenerator.Derive(seed, "rehearsal"));
        string adapter = Path.Combine(workFolder, "adapter.safetensors");
        RehearsalModel.Create(adapter, 0, SeededGenerator.Derive(seed, "adapter"));
        return new InjectedModel(model, adapter, double.NaN);
    }

    /// <inheritdoc/>
    public InjectedModel Inject(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel)
    {
        string adapter = Path.Combine(request.WorkFolder, "adapter.safetensors");
        if (!File.Exists(adapter))
        {
            RehearsalPlan.Parse(request.Learning).Pretend(cancel);
            RehearsalModel.Move(request.Adapter, adapter, (float)SeededGenerator.Derive(request.Seed, "inject", request.Round.Number).NextDouble());
        }

        return new InjectedModel(request.Aggregate, adapter, 0);
    }

    /// <inheritdoc/>
    public ImmutableArray<TaskEvaluation> Evaluate(EvaluationRequest request, Action<LearningProgress> progress, CancellationToken cancel) => [];

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
