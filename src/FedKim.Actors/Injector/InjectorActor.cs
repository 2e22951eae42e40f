using System.Text.Json;
using Akka.Actor;
using FedKim.Actors.Errands;
using FedKim.Learning;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Injector;

/// <summary>
/// Owns the foundation model and its device, on a thread of its own. Work that breaks restarts it: the model is loaded anew and the work,
/// asked for again, goes on from its last checkpoint.
/// </summary>
internal sealed class InjectorActor : ReceiveActor
{
    private readonly IInjection _injection;
    private readonly WeightStore _store;

    public InjectorActor(Func<IInjection> load, WeightStore store)
    {
        _store = store;
        _injection = load();
        Receive<Job>(job =>
        {
            var parent = Context.Parent;
            try
            {
                parent.Tell(new WorkerMessages.Done<InjectorResult>(job.Errand, Do(job, p => parent.Tell(new WorkerMessages.Progressed(job.Errand, p)))));
            }
            catch (OperationCanceledException) when (job.Cancel.IsCancellationRequested)
            {
                // Whoever cancelled does not wait for a word.
            }
            catch (DamagedException e)
            {
                // The files broke, not the work: the model that is loaded stays.
                parent.Tell(new WorkerMessages.Broke(job.Errand, e));
            }
            catch (Exception e)
            {
                parent.Tell(new WorkerMessages.Broke(job.Errand, e));
                throw;
            }
        });
    }

    /// <inheritdoc/>
    protected override void PostStop() => _injection.Dispose();

    private InjectorResult Do(Job job, Action<LearningProgress> progress)
    {
        switch (job.Work)
        {
            case InjectorMessages.Initialize w:
                var first = _injection.Initialize(w.Federation, w.Seed, w.Learning, job.Folder);
                if (w is { GlobalModel: { } start, Adapter: { } startAdapter })
                {
                    StartModel.Check(first.GlobalModel.Path, job.Inputs[start].Path, "model");
                    StartModel.Check(first.Adapter.Path, job.Inputs[startAdapter].Path, "adapters");
                    return new InjectorResult(new InjectorMessages.Initialized(w.Federation, start, startAdapter), []);
                }

                if (w.Folder is { } folder)
                {
                    StartModel.CheckPlan(folder, w.Learning);
                    var exported = StartModel.Assemble(folder, job.Folder);
                    StartModel.Check(first.GlobalModel.Path, exported.GlobalModel.Path, "model");
                    StartModel.Check(first.Adapter.Path, exported.Adapter.Path, "adapters");
                    first = exported;
                }

                return Files(first, (model, adapter) => new InjectorMessages.Initialized(w.Federation, model, adapter));
            case InjectorMessages.Inject w:
                var injected = _injection.Inject(
                    new InjectionRequest(w.Round, w.Seed, w.Learning, job.Inputs[w.Aggregate], job.Inputs[w.Adapter], job.Folder), progress, job.Cancel);
                return Files(injected, (model, adapter) => new InjectorMessages.Injected(w.Round, w.Aggregate, model, adapter, injected.Loss, w.Attempt));
            case InjectorMessages.Evaluate w:
                var evaluation = _injection.Evaluate(
                    new EvaluationRequest(w.Learning, w.Seed, job.Inputs[w.GlobalModel], job.Inputs[w.Aggregate], job.Inputs[w.Adapter]), progress, job.Cancel);
                return new InjectorResult(new InjectorMessages.Evaluated(w.Federation, JsonSerializer.Serialize(evaluation, JsonSerializerOptions.Web)), []);
            default:
                throw new ArgumentOutOfRangeException(nameof(job), job.Work, "Work of another version.");
        }
    }

    private InjectorResult Files(InjectedModel model, Func<Digest, Digest, IWireMessage> answer)
    {
        _store.Import(model.GlobalModel);
        _store.Import(model.Adapter);
        var (global, adapter) = (model.GlobalModel.Digest, model.Adapter.Digest);
        return new InjectorResult(answer(global, adapter), [global, adapter]);
    }

    /// <summary>Work with its fetched inputs and the folder that is its own.</summary>
    internal sealed record Job(
        object Errand, InjectorMessages.IWork Work, IReadOnlyDictionary<Digest, WeightFile> Inputs, string Folder, CancellationToken Cancel) : INoSerializationVerificationNeeded;
}
