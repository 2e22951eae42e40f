using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Learning.Rehearsal;

/// <summary>An injector without a foundation model: hands the aggregate back as the next global model.</summary>
public sealed class RehearsalInjection : IInjection
{
    private const string GlobalName = "global.safetensors";
    private const string AdapterName = "adapter.safetensors";

    /// <inheritdoc/>
    public InjectedModel Initialize(FederationId federation, long seed, string learning, string workFolder)
    {
        var model = RehearsalModel.Create(
            Path.Combine(workFolder, GlobalName), RehearsalPlan.Parse(learning).Bytes, SeededGenerator.Derive(seed, "rehearsal"));
        var adapter = RehearsalModel.Create(Path.Combine(workFolder, AdapterName), 0, SeededGenerator.Derive(seed, "adapter"));
        return new InjectedModel(model, adapter, double.NaN);
    }

    /// <inheritdoc/>
    public InjectedModel Inject(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel)
    {
        var work = StepCheckpoint.Work(
            "rehearsal", request.Round.ToString(), $"{request.Seed}", request.Learning, request.Aggregate.Digest.Hex, request.Adapter.Digest.Hex);
        var adapter = FinishedWork.Find<string>(request.WorkFolder, work)?.Files[AdapterName];
        if (adapter is null)
        {
            RehearsalPlan.Parse(request.Learning).Pretend(0, cancel);
            float step = (float)SeededGenerator.Derive(request.Seed, "inject", request.Round.Number).NextDouble();
            adapter = RehearsalModel.Move(request.Adapter, Path.Combine(request.WorkFolder, AdapterName), step);
            FinishedWork.Mark(request.WorkFolder, work, "", adapter);
        }

        return new InjectedModel(RehearsalModel.WithoutMoments(request.Aggregate, Path.Combine(request.WorkFolder, GlobalName)), adapter, 0);
    }

    /// <inheritdoc/>
    public ImmutableArray<TaskEvaluation> Evaluate(EvaluationRequest request, Action<LearningProgress> progress, CancellationToken cancel) => [];

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
