using System.Collections.Immutable;
using FedKim.Learning;
using FedKim.Learning.Rehearsal;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>Injects as it should, in one round only after a gate has opened.</summary>
internal sealed class WaitingInjection(Gate gate, RoundId round) : IInjection
{
    private readonly RehearsalInjection _injection = new();

    public InjectedModel Initialize(FederationId federation, long seed, string learning, string workFolder) =>
        _injection.Initialize(federation, seed, learning, workFolder);

    public InjectedModel Inject(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel)
    {
        if (request.Round == round)
            gate.Pass(cancel);
        return _injection.Inject(request, progress, cancel);
    }

    public ImmutableArray<TaskEvaluation> Evaluate(
        EvaluationRequest request, Action<LearningProgress> progress, CancellationToken cancel) => [];

    public void Dispose() => _injection.Dispose();
}
