using Akka.Actor;
using Akka.Event;
using FedKim.Learning;
using FedKim.Parameters;
using FedKim.Protocol;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors;

/// <summary>
/// Speaks for the <see cref="InjectorActor"/>, which is deaf while it works: takes requests, moves files, reports, and restarts it when its
/// work breaks. How often work may break is the round's rule, not decided here.
/// </summary>
public sealed class InjectorSupervisor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan HelloEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);
    private const string Place = "the injector's work folder";

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly WeightStore _store;
    private readonly WeightRoute _route;
    private readonly string _folders;
    private readonly IActorRef _server;
    private readonly IActorRef _injector;
    private readonly CancellationToken _stopping;

    private readonly LatestEpoch _epoch = new(Context.GetLogger());
    private string _weights = "";
    private InjectorMessages.IWork? _work;
    private CancellationTokenSource _cancel = new();
    private CancellationTokenSource _moving = new();
    private InjectorActor.Result? _result;
    private string _said = "";
    private InjectorStatus _status = new("idle", "", 0, 0, double.NaN, "");

    /// <param name="load">Loads the foundation model; called on the injector's own thread, again after its work broke.</param>
    /// <param name="store">The injector's own copies of models.</param>
    /// <param name="route">How the servers' weights are reached.</param>
    /// <param name="folders">Folder in which each work has one of its own: checkpoints and results.</param>
    /// <param name="server">The way to the federation's actor.</param>
    /// <param name="stopping">Ends work when the node stops, at its last checkpoint.</param>
    public InjectorSupervisor(
        Func<IInjection> load, WeightStore store, WeightRoute route, string folders, IActorRef server, CancellationToken stopping)
    {
        (_store, _route, _folders, _server, _stopping) = (store, route, folders, server, stopping);
        _injector = Context.ActorOf(Props.Create(() => new InjectorActor(load, store)).WithDispatcher(Threads.Learning), "injector");

        Receive<SayHello>(_ => SayHelloNow());
        Receive<GetActivity>(_ => Sender.Tell(new Activity(_status.Activity, _status.Work, _status.Problem)));
        Receive<InjectorMessages.Order>(m => _epoch.Follow(m.Epoch, () => Follow(m)));
        Receive<InjectorMessages.Withdraw>(m => _epoch.Follow(m.Epoch, () =>
        {
            if (_work?.Name == m.Work)
                LayDown();
        }));
        Receive<Fetched>(m => Current(m.Work, () =>
        {
            // Two fetches may both have come through, from one server and then from another: the work has begun with the first.
            if (_status.Activity != "fetching")
                return;
            KeepOnly(m.Inputs.Keys);
            Work(m.Inputs);
        }));
        Receive<InjectorActor.Progressed>(m => Current(m.Job.Work, () =>
        {
            _said = "";
            _status = _status with { Done = m.Progress.Done, Total = m.Progress.Total, Loss = m.Progress.Loss, Problem = "" };
        }));
        Receive<InjectorActor.Done>(m => Current(m.Job.Work, () => Finish(m.Result)));
        Receive<InjectorActor.Broke>(m => Current(m.Job.Work, () => Give(m.Cause)));
        Receive<Sent>(m => Current(m.Work, () => Answer(m.Result)));
        Receive<Hindered>(m => Current(m.Work, () =>
        {
            if (m.Weights != _weights || _status.Activity is not ("fetching" or "sending"))
                return;
            if (_said != m.Problem)
                _log.Warning("Injector: {Problem}", m.Problem);
            _said = m.Problem;
            _status = _status with { Problem = m.Problem };
        }));
        Receive<TransferBroke>(m => Current(m.Work, () =>
        {
            if (m.Weights == _weights && _status.Activity is "fetching" or "sending")
                Retry(m.Cause);
        }));
        Receive<TryAgain>(m => Current(m.Work, Continue));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Restart);

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer("hello", new SayHello(), TimeSpan.Zero, HelloEvery);

    /// <inheritdoc/>
    protected override void PostStop() => _cancel.Cancel();

    // An answer is said again until the server asks for something else: it may have been lost on the way.
    private void SayHelloNow()
    {
        if (_status.Activity == "idle" && _result is { } result)
            _server.Tell(result.Answer);
        _server.Tell(new InjectorMessages.Hello(Self, _status, _epoch.Value));
    }

    private void Follow(InjectorMessages.Order order)
    {
        bool elsewhere = order.Weights != _weights;
        _weights = order.Weights;
        if (!order.Work.Equals(_work))
        {
            Begin(order.Work);
        }
        else if (_status.Activity is "idle" || (elsewhere && _status.Activity is "fetching" or "sending"))
        {
            Timers.Cancel("again");
            _moving.Cancel();
            Continue();
        }
    }

    private void Begin(InjectorMessages.IWork work)
    {
        // A repeated attempt goes on in the same folder.
        if (_result is not null && work is InjectorMessages.Inject { Attempt: > 1 } && work.Name == _work?.Name)
            ForgetResult(FolderOf(work));
        LayDown();
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(_stopping);
        _work = work;
        _log.Info("Injector takes up {Work}", work.Name);
        Clean(work);
        if (work is InjectorMessages.Inject { Attempt: > 1 and var attempt })
            Rest(work, RetryAfter * (1 << (attempt - 1)));
        else
            Continue();
    }

    // What broke the work, a full disk say, needs time to pass; attempts without a pause would all meet it.
    private void Rest(InjectorMessages.IWork work, TimeSpan pause)
    {
        Enter("resting");
        Timers.StartSingleTimer("again", new TryAgain(work), pause);
    }

    // Takes the work up where it stands; every step may be done twice.
    private void Continue()
    {
        if (_result is { } result)
            Send(result);
        else
            Fetch();
    }

    private void Fetch()
    {
        Enter("fetching");
        var work = _work!;
        Transfer(async (client, cancel) =>
        {
            var paths = new Dictionary<Digest, WeightFile>();
            foreach (var digest in Inputs(work).Distinct())
                paths[digest] = await client.FetchAsync(digest, null, cancel);
            return new Fetched(work, paths);
        });
    }

    private void Work(IReadOnlyDictionary<Digest, WeightFile> inputs)
    {
        Enter(_work switch
        {
            InjectorMessages.Initialize => "initializing",
            InjectorMessages.Inject => "injecting",
            _ => "evaluating",
        });
        Directory.CreateDirectory(FolderOf(_work!));
        _injector.Tell(new InjectorActor.Job(_work!, inputs, FolderOf(_work!), _cancel.Token));
    }

    private void Finish(InjectorActor.Result result)
    {
        (_result, _said) = (result, "");
        Send(result);
    }

    private void Send(InjectorActor.Result result)
    {
        Enter("sending");
        var work = _work!;
        Transfer(async (client, cancel) =>
        {
            foreach (var digest in result.Files)
                await client.SendAsync(digest, null, cancel);
            return new Sent(work, result);
        });
    }

    private void Answer(InjectorActor.Result result)
    {
        _log.Info("Injector has finished {Work}, and its result is at the server", _work!.Name);
        _server.Tell(result.Answer);
        Enter("idle");
    }

    private void Give(Exception cause)
    {
        if (cause is DamagedException damage)
        {
            Replace(damage);
            return;
        }

        // What is wrong with the node's own files passes: the work goes on from its checkpoint then, and no attempt is lost.
        if (Reason.FileTroubleOf(cause, Place) is not null)
        {
            Enter("resting");
            Retry(cause);
            return;
        }

        string reason = Reason.Of(cause, Place);
        _log.Error("Injector: {Work} broke: {Problem}", _work!.Name, cause.Message);
        _log.Debug("Injector: {Fault}", cause);
        _server.Tell(new InjectorMessages.Broke(_work, reason));
        LayDown();
        _status = _status with { Problem = reason };
    }

    private void LayDown()
    {
        Timers.Cancel("again");
        _cancel.Cancel();
        (_work, _result, _said) = (null, null, "");
        _status = new InjectorStatus("idle", "", 0, 0, double.NaN, "");
    }

    // What this node's disk did to a file is mended here: what was fetched is fetched again, a result made again with the same bits.
    private void Replace(DamagedException damage)
    {
        bool result = _result is not null;
        _log.Warning(
            "Injector: {Problem}, found while {Activity} for {Work}; it is {Remedy}", damage.Message, _status.Activity, _work!.Name,
            result ? "made again, with the same bits" : "fetched again");
        _store.Lose(damage.Digest);
        _result = null;
        Fetch();
    }

    private void Retry(Exception cause)
    {
        if (cause is DamagedException damage)
        {
            Replace(damage);
            return;
        }

        string problem = Reason.Of(cause, Place);
        if (_said != problem)
            _log.Warning("Injector: {Problem} while {Activity} for {Work}; trying again", cause.Message, _status.Activity, _work!.Name);
        _log.Debug("Injector: {Fault}", cause);
        _said = problem;
        _status = _status with { Problem = problem };
        Timers.StartSingleTimer("again", new TryAgain(_work!), RetryAfter);
    }

    // What hinders it shows until it moves on.
    private void Enter(string activity) => _status = new InjectorStatus(activity, _work!.Name, 0, 0, double.NaN, _said);

    private void Transfer(Func<WeightClient, CancellationToken, Task<object>> move)
    {
        var (work, weights) = (_work!, _weights);
        _moving = CancellationTokenSource.CreateLinkedTokenSource(_cancel.Token);
        var cancel = _moving.Token;
        var self = Self;
        Run().PipeTo(self, failure: e => new TransferBroke(work, weights, e));

        async Task<object> Run()
        {
            using var client = _route.To(weights, _store, problem => self.Tell(new Hindered(work, weights, Reason.WithoutPaths(problem))));
            return await move(client, cancel);
        }
    }

    private void Current(InjectorMessages.IWork work, Action then)
    {
        if (!work.Equals(_work))
            return;
        try
        {
            then();
        }
        catch (Exception e) when (Reason.FileTroubleOf(e, Place) is not null)
        {
            Enter("resting");
            Retry(e);
        }
    }

    private string FolderOf(InjectorMessages.IWork work) => Path.Combine(_folders, work.Name);

    private static Digest[] Inputs(InjectorMessages.IWork work) => work switch
    {
        InjectorMessages.Initialize { GlobalModel: { } model, Adapter: { } adapter } => [model, adapter],
        InjectorMessages.Inject w => [w.Aggregate, w.Adapter],
        InjectorMessages.Evaluate w => [w.GlobalModel, w.Aggregate, w.Adapter],
        _ => [],
    };

    // What other work left in its folder is not needed any more: its result lies at the server.
    private void Clean(InjectorMessages.IWork next)
    {
        try
        {
            foreach (string folder in Directory.Exists(_folders) ? Directory.EnumerateDirectories(_folders).Where(f => f != FolderOf(next)) : [])
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (FileTrouble.Of(e, Place) is { } trouble)
        {
            _log.Warning("What earlier work left still takes room: {Problem}", trouble.What);
            _log.Debug("{Fault}", e);
        }
    }

    // A result that was refused is not handed over once more: the attempt makes it anew from its inputs.
    private static void ForgetResult(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    // Earlier models go when those that follow from them are here: until then a server that lost its own may have to ask for them.
    private void KeepOnly(IEnumerable<Digest> inputs)
    {
        if (!_store.HoldsCopies)
            return;
        foreach (var model in _store.List().Except(inputs))
            _store.Delete(model);
    }

    private sealed record SayHello;

    private sealed record Fetched(InjectorMessages.IWork Work, IReadOnlyDictionary<Digest, WeightFile> Inputs);

    private sealed record Sent(InjectorMessages.IWork Work, InjectorActor.Result Result);

    private sealed record Hindered(InjectorMessages.IWork Work, string Weights, string Problem);

    private sealed record TransferBroke(InjectorMessages.IWork Work, string Weights, Exception Cause);

    private sealed record TryAgain(InjectorMessages.IWork Work);
}
