using FedKim.Learning;
using FedKim.Learning.Rehearsal;

namespace FedKim.Simulation.Tests;

/// <summary>A rehearsal that tells the cluster when it begins, makes a step and ends, and in which its node may be struck.</summary>
internal sealed class WatchedTraining(Cluster cluster, Machine machine) : ILocalTraining
{
    private readonly RehearsalTraining _training = new();

    /// <inheritdoc/>
    public LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel)
    {
        cluster.Faults.OfTraining(Cue.Training);
        DieIfKilled();
        bool trains = false;
        var update = _training.Train(
            request,
            p =>
            {
                if (!trains)
                    cluster.Trained(request.Round, request.Client);
                trains = true;
                progress(p);
            },
            cancel);
        cluster.Faults.OfTraining(Cue.Trained);
        DieIfKilled();
        return update;
    }

    /// <inheritdoc/>
    public void Dispose() => _training.Dispose();

    // A dead process goes no further; nobody hears this.
    private void DieIfKilled()
    {
        if (machine.IsDead)
            throw new OperationCanceledException($"{machine} died.");
    }
}
