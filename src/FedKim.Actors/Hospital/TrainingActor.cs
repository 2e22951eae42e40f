using Akka.Actor;
using FedKim.Actors.Errands;
using FedKim.Learning;

namespace FedKim.Actors.Hospital;

/// <summary>Trains, on a thread of its own: it is deaf while it works, so its parent speaks for it and cancels through the token.</summary>
internal sealed class TrainingActor : ReceiveActor
{
    private readonly ILocalTraining _training;

    public TrainingActor(Func<ILocalTraining> start, WeightShare weights)
    {
        _training = start();
        Receive<Work>(work =>
        {
            var parent = Context.Parent;
            try
            {
                var update = _training.Train(work.Request, p => parent.Tell(new WorkerMessages.Progressed(work.Errand, p)), work.Cancel);
                weights.Take(update.Weights);
                parent.Tell(new WorkerMessages.Done<LocalUpdate>(work.Errand, update));
            }
            catch (OperationCanceledException) when (work.Cancel.IsCancellationRequested)
            {
                // Whoever cancelled does not wait for a word.
            }
            catch (Exception e)
            {
                parent.Tell(new WorkerMessages.Broke(work.Errand, e));
            }
        });
    }

    /// <inheritdoc/>
    protected override void PostStop() => _training.Dispose();

    internal sealed record Work(object Errand, TrainingRequest Request, CancellationToken Cancel) : INoSerializationVerificationNeeded;
}
