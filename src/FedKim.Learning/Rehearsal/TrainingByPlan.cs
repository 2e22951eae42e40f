namespace FedKim.Learning.Rehearsal;

/// <summary>A site's training as the federation's plan wants it: a rehearsal, or learning, which is loaded when a plan first asks for it.</summary>
/// <param name="learn">Makes the training that learns.</param>
public sealed class TrainingByPlan(Func<ILocalTraining> learn) : ILocalTraining
{
    private readonly RehearsalTraining _rehearsal = new();
    private ILocalTraining? _learning;

    /// <inheritdoc/>
    public LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel)
    {
        var training = RehearsalPlan.Is(request.Learning) ? _rehearsal : _learning ??= learn();
        return training.Train(request, progress, cancel);
    }

    /// <inheritdoc/>
    public void Dispose() => _learning?.Dispose();
}
