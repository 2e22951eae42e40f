using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Learning.Rehearsal;

/// <summary>Injection as the federation's plan wants it: a rehearsal, or the foundation model's, which is loaded when a plan first asks for it.</summary>
/// <param name="load">Makes the injection that learns.</param>
public sealed class InjectionByPlan(Func<IInjection> load) : IInjection
{
    private readonly RehearsalInjection _rehearsal = new();
    private IInjection? _injection;

    /// <inheritdoc/>
    public InjectedModel Initialize(FederationId federation, long seed, string learning, string workFolder) =>
        Of(learning).Initialize(federation, seed, learning, workFolder);

    /// <inheritdoc/>
    public InjectedModel Inject(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel) =>
        Of(request.Learning).Inject(request, progress, cancel);

    /// <inheritdoc/>
    public ImmutableArray<TaskEvaluation> Evaluate(EvaluationRequest request, Action<LearningProgress> progress, CancellationToken cancel) =>
        Of(request.Learning).Evaluate(request, progress, cancel);

    /// <inheritdoc/>
    public void Dispose() => _injection?.Dispose();

    private IInjection Of(string learning) => RehearsalPlan.Is(learning) ? _rehearsal : _injection ??= load();
}
