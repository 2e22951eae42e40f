using Akka.Actor;
using Akka.Event;
using FedKim.Actors.Errands;
using FedKim.Learning;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Injector;

/// <summary>
/// Speaks for the <see cref="InjectorActor"/>, which is deaf while it works: takes requests, moves files, reports, and restarts it when its
/// work breaks. How often work may break is the round's rule, not decided here.
/// </summary>
internal sealed class InjectorSupervisor : ErrandActor<InjectorMessages.IWork, InjectorResult>
{
    private const string Place = "the injector's work folder";

    private readonly string _folders, _site;
    private readonly IActorRef _server;
    private readonly IActorRef _injector;
    private string _broke = "";

    /// <inheritdoc cref="InjectorRole.Work"/>
    public InjectorSupervisor(
        Func<IInjection> load, WeightStore store, WeightRoute route, string folders, IActorRef server, CancellationToken stopping, string site)
        : base(store, route, Place, stopping)
    {
        (_folders, _server, _site) = (folders, server, site);
        _injector = Context.ActorOf(Props.Create(() => new InjectorActor(load, store)).WithDispatcher(Threads.Learning), "injector");

        Receive<InjectorMessages.Order>(m => Epoch.Follow(m.Epoch, () =>
        {
            ForgetWhatWasRefused(m.Work);
            Follow(m.Work, m.Weights);
        }));
        Receive<InjectorMessages.Withdraw>(m => Epoch.Follow(m.Epoch, () =>
        {
            if (Current?.Work.Name == m.Work)
                LayDown();
        }));
    }

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Restart);

    // An answer is said again until the server asks for something else: it may have been lost on the way.
    protected override void Hello()
    {
        if (Current is { Stage: Stage.Idle, Result: { } result })
            _server.Tell(result.Answer);
        var status = Current is { } e
            ? new InjectorStatus(e.Stage.Text(), e.Work.Name, e.Done, e.Total, e.Loss, e.Problem?.Text ?? "")
            : new InjectorStatus(Stage.Idle.Text(), "", 0, 0, double.NaN, _broke);
        _server.Tell(new InjectorMessages.Hello(Self, status, Epoch.Value, PackagePrint.Own, _site));
    }

    protected override Activity Shown() =>
        Current is { } e ? new Activity(e.Stage.Text(), e.Work.Name, e.Problem?.Text ?? "") : new Activity(Stage.Idle.Text(), "", _broke);

    protected override void Warn(InjectorMessages.IWork work, string problem) => Log.Warning("Injector, {Work}: {Problem}", work.Name, problem);

    protected override void Begin(Errand<InjectorMessages.IWork, InjectorResult> errand)
    {
        Log.Info("Injector takes up {Work}", errand.Work.Name);
        RemoveAllBut(FolderOf(errand.Work));
        // What broke the work, a full disk say, needs time to pass; attempts without a pause would all meet it.
        if (errand.Work is InjectorMessages.Inject { Attempt: > 1 and var attempt })
        {
            errand.Enter(Stage.Resting);
            GoOnAfter(errand, RetryAfter * (1 << (attempt - 1)));
        }
        else
        {
            Continue(errand);
        }
    }

    protected override IReadOnlySet<string> Told(InjectorMessages.IWork work, string weights) => OrderNames.Of(
        work switch
        {
            InjectorMessages.Initialize w => w.Learning,
            InjectorMessages.Inject w => w.Learning,
            InjectorMessages.Evaluate w => w.Learning,
            _ => "",
        },
        weights);

    protected override IEnumerable<Digest> Inputs(InjectorMessages.IWork work) => work switch
    {
        InjectorMessages.Initialize { GlobalModel: { } model, Adapter: { } adapter } => [model, adapter],
        InjectorMessages.Inject w => [w.Aggregate, w.Adapter],
        InjectorMessages.Evaluate w => [w.GlobalModel, w.Aggregate, w.Adapter],
        _ => [],
    };

    protected override void Do(Errand<InjectorMessages.IWork, InjectorResult> errand, IReadOnlyDictionary<Digest, WeightFile> inputs)
    {
        KeepOnly(inputs.Keys);
        errand.Enter(errand.Work switch
        {
            InjectorMessages.Initialize => Stage.Initializing,
            InjectorMessages.Inject => Stage.Injecting,
            _ => Stage.Evaluating,
        });
        Directory.CreateDirectory(FolderOf(errand.Work));
        _injector.Tell(new InjectorActor.Job(errand, errand.Work, inputs, FolderOf(errand.Work), errand.Cancel.Token));
    }

    protected override async Task<long> SendAsync(
        WeightClient client, InjectorMessages.IWork work, InjectorResult result, IProgress<long> moved, CancellationToken cancel)
    {
        long bytes = 0;
        foreach (var digest in result.Files)
            bytes += await client.SendAsync(digest, moved, cancel);
        return bytes;
    }

    protected override void Deliver(Errand<InjectorMessages.IWork, InjectorResult> errand, long bytes)
    {
        Log.Info("Injector has finished {Work}, and its result is at the server", errand.Work.Name);
        _server.Tell(errand.Result!.Answer);
        errand.Enter(Stage.Idle);
    }

    protected override void GiveUp(Errand<InjectorMessages.IWork, InjectorResult> errand, Exception cause, SiteReason reason)
    {
        Log.Error("Injector: {Work} broke: {Problem}", errand.Work.Name, cause.Message);
        Log.Debug("Injector: {Fault}", cause);
        _server.Tell(new InjectorMessages.Broke(errand.Work, reason.Text));
        LayDown();
        _broke = reason.Text;
    }

    protected override void LayDown()
    {
        base.LayDown();
        _broke = "";
    }

    // A result that was refused is not handed over once more: the next attempt makes it anew from its inputs.
    private void ForgetWhatWasRefused(InjectorMessages.IWork work)
    {
        if (work is InjectorMessages.Inject { Attempt: > 1 } && Current is { Result: not null } refused && refused.Work.Name == work.Name && !refused.Work.Equals(work))
            Discard(() => GoneFolders.Of([FolderOf(work)]));
    }

    private string FolderOf(InjectorMessages.IWork work) => Path.Combine(_folders, work.Name);

    // What other work left in its folder is not needed any more: its result lies at the server.
    private void RemoveAllBut(string kept) =>
        Discard(() => Directory.Exists(_folders) ? GoneFolders.Of(Directory.GetDirectories(_folders).Where(f => f != kept)) : () => { });

    // Earlier models go when those that follow from them are here: until then a server that lost its own may have to ask for them.
    private void KeepOnly(IEnumerable<Digest> inputs)
    {
        if (Store.HoldsCopies)
            Discard(() => Store.Discard([.. Store.List().Except(inputs)]));
    }
}
