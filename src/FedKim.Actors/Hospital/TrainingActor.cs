using Akka.Actor;
using FedKim.Learning;
using FedKim.Transfer;

namespace FedKim.Actors;

/// <summary>Trains, on a thread of its own: it is deaf while it works, so its parent speaks for it and cancels through the token.</summary>
internal sealed class TrainingActor : ReceiveActor
{
    private readonly ILocalTraining _training;

    public TrainingActor(Func<ILocalTraining> start, WeightStore store)
    {
        _training = start();
        Receive<Work>(work =>
        {
            var parent = Context.Parent;
            try
            {
                var update = _training.Train(work.Request, p => parent.Tell(new Progressed(work.Request, p)), work.Cancel);
                store.Import(update.Weights);
                parent.Tell(new Finished(work.Request, update));
            }
            catch (OperationCanceledException) when (work.Cancel.IsCancellationRequested)
            {
                // Whoever cancelled does not wait for a word.
            }
            catch (Exception e)
            {
                parent.Tell(new Broke(work.Request, e));
            }
        });
    }

    /// <inheritdoc/>
    protected override void PostStop() => _training.Dispose();

    internal sealed record Work(TrainingRequest Request, CancellationToken Cancel) : INoSerializationVerificationNeeded;

    internal sealed record Progressed(TrainingRequest Request, LearningProgress Progress);

    internal sealed record Finished(TrainingRequest Request, LocalUpdate Update);

    internal sealed record Broke(TrainingRequest Request, Exception Cause);
}
