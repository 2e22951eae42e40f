using System.Collections.Immutable;
using FedKim.Learning;
using FedKim.Learning.Rehearsal;
using FedKim.Rounds;

namespace FedKim.Simulation.Tests;

/// <summary>A rehearsal that breaks when the cluster's faults say so.</summary>
internal sealed class BreakableInjection(Cluster cluster) : IInjection
{
    private readonly RehearsalInjection _injection = new();

    /// <inheritdoc/>
    public InjectedModel Initialize(FederationId federation, long seed, string learning, string workFolder) =>
        _injection.Initialize(federation, seed, learning, workFolder);

    /// <inheritdoc/>
    public InjectedModel Inject(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel) =>
        cluster.Faults.OfInjection() ? throw new LearningException("The device is lost.") : _injection.Inject(request, progress, cancel);

    /// <inheritdoc/>
    public ImmutableArray<TaskEvaluation> Evaluate(EvaluationRequest request, Action<LearningProgress> progress, CancellationToken cancel) =>
        _injection.Evaluate(request, progress, cancel);

    /// <inheritdoc/>
    public void Dispose() => _injection.Dispose();
}
