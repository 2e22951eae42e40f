using FedKim.Learning;
using FedKim.Learning.Rehearsal;

namespace FedKim.Actors.Tests;

/// <summary>Counts what it is asked for, and waits for a gate where it has one.</summary>
internal sealed class Counted(Gate? gate = null) : ILocalTraining
{
    private readonly RehearsalTraining _training = new();

    public int Calls { get; private set; }

    public LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel)
    {
        Calls++;
        gate?.Pass(cancel);
        return _training.Train(request, progress, cancel);
    }

    public void Dispose() => _training.Dispose();
}
