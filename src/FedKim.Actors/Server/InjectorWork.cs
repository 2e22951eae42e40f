using Akka.Actor;
using Akka.Event;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>
/// What one federation has its injector do outside of its rounds: make the first model, measure the last. Asked for until it is done, within
/// the plan's limit. Hears of the federation's states from the federations' actor, and tells it what there is to decide; ends with the federation.
/// </summary>
internal sealed class InjectorWork : ReceiveActor, IWithTimers
{
    private readonly ServerContext _server;
    private readonly InjectionLook<InjectorMessages.Initialized> _look = new(Context);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly SiteDirectory.Listen _awaited;
    private readonly FederationPlan _plan;
    private Federation _federation;
    private LimitWatch _limit = null!;
    private InjectorMessages.IWork? _asked;
    private FederationPhase? _limited;
    private bool _lacks;
    private string _said = "", _warned = "";

    /// <param name="server">What the server's actors share.</param>
    /// <param name="federation">The federation as it is, with the others of its journal; told again whenever it is another.</param>
    public InjectorWork(ServerContext server, Federation federation)
    {
        (_server, _federation, _plan) = (server, federation, federation.Plan!);
        _awaited = new SiteDirectory.Listen([], Injector: true) { InjectorSite = _plan.Injector };
        Receive<Federation>(now =>
        {
            _federation = now;
            React();
        });
        Receive<InjectorMessages.Initialized>(Examine);
        Receive<InjectionLook<InjectorMessages.Initialized>.Looked>(Judge);
        Receive<InjectorMessages.Broke>(m =>
        {
            if (m.Work.Name == _asked?.Name)
                Context.Parent.Tell(new FederationCommands.Abandon($"The injector cannot go on with {m.Work.Name}: {SiteReason.Read(m.Reason)}", _plan.Id));
        });
        Receive<SiteDirectory.Heard>(heard => _limit.Heard(heard));
        Receive<LimitWatch.Tick>(_ => Beat());
        Receive<LookAgain>(_ => Ask());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _limit = new LimitWatch(Timers, _server);
        React();
    }

    // Asks for what the federation needs in this state, and limits how long it may take.
    private void React()
    {
        bool asked = _asked is not null;
        _asked = _federation switch
        {
            { Phase: FederationPhase.Initializing } => Start(_federation, _plan),
            { Phase: FederationPhase.Evaluating, GlobalModel: { } model, Aggregate: { } aggregate, Adapter: { } adapter } =>
                new InjectorMessages.Evaluate(_plan.Id, _plan.Seed, _plan.Learning, model, aggregate, adapter),
            _ => null,
        };
        // What the injector made is stored, and not to be said again.
        if (_asked is null && (asked || _federation.HasEnded))
            _server.Directory.Tell(new SiteDirectory.AskInjector(_plan.Id, _plan.Injector, null));
        if (_federation.HasEnded)
        {
            Context.Stop(Self);
            return;
        }

        Ask();
        if (_limited == _federation.Phase)
            return;
        _limited = _federation.Phase;
        if (_asked is null)
            _limit.End();
        else
            _limit.Begin(_plan.LimitOf(_federation.Phase), _awaited);
    }

    // What the injector fetches must be at this node first.
    private void Ask()
    {
        Digest?[] needs = _asked switch
        {
            InjectorMessages.Evaluate e => [e.GlobalModel, e.Aggregate, e.Adapter],
            InjectorMessages.Initialize i => [i.GlobalModel, i.Adapter],
            _ => [],
        };
        _lacks = !_server.Holds(needs.OfType<Digest>());
        if (_lacks)
            LookAgain.After(ServerContext.AskAgain, Timers);
        else if (_asked is { } work)
            _server.Directory.Tell(new SiteDirectory.AskInjector(_plan.Id, _plan.Injector, new InjectorMessages.Order(work, _server.Weights, _federation.Epoch)));
        Show();
    }

    // The limit stands still while the server's own files hinder.
    private void Beat()
    {
        bool over = _limit.Beat(_awaited, halts: _server.Trouble is not null || _lacks);
        string waiting = Show();
        if (waiting.Length > 0 && waiting != _warned)
            _log.Warning("Federation {Federation} {Waiting}", _plan.Id, waiting);
        _warned = waiting;
        if (over)
            Context.Parent.Tell(new FederationCommands.Abandon($"The federation was still {_federation.Phase} after {_plan.LimitOf(_federation.Phase)}. Is the injector's node running?", _plan.Id));
    }

    private string Show()
    {
        string waiting = _asked is null ? ""
            : _server.Trouble is { } trouble ? $"paused: {trouble}"
            : _lacks ? "waits for weights that this server lacks; every node that may hold them is asked"
            : _limit.InjectorIsAway ? "waits for the injector's node, which is not here"
            : "";
        if (waiting != _said)
            Context.Parent.Tell(new FederationActor.Awaits(_plan.Id, waiting));
        return _said = waiting;
    }

    // Looks at the first model that the injector made.
    private void Examine(InjectorMessages.Initialized made)
    {
        if (_look.IsOn || _federation.Phase != FederationPhase.Initializing || !_server.Has(made.GlobalModel) || !_server.Has(made.Adapter))
            return;
        var (store, parts) = (_server.Store, _plan.Parts);
        _look.Begin(made, () => InjectionCheck.Refusal(store.Get(made.GlobalModel), store.Get(made.Adapter), parts));
    }

    // Where it could not be looked at, the injector says it again.
    private void Judge(InjectionLook<InjectorMessages.Initialized>.Looked look)
    {
        _look.End();
        var made = look.Said;
        switch (look)
        {
            case { Problem: DamagedException damage }:
                _server.Store.Lose(damage.Digest);
                break;
            case { Problem: { } problem }:
                _log.Warning("What the injector sent cannot be looked at: {Problem}", problem.Message);
                break;
            case { Fault: { } fault }:
                Context.Parent.Tell(new FederationActor.Refused([made.GlobalModel, made.Adapter]));
                Context.Parent.Tell(new FederationCommands.Abandon($"What the injector made to start from is refused: {fault}", _plan.Id));
                break;
            default:
                // It came in time, however long the journal takes.
                _limit.End();
                Context.Parent.Tell(new FederationCommands.RecordInitialization(made.GlobalModel, made.Adapter, _plan.Id));
                break;
        }
    }

    // A federation that starts from an earlier one's model: whether it fits this plan only the injector can tell.
    private static InjectorMessages.Initialize Start(Federation federation, FederationPlan plan)
    {
        if (plan.StartsFromFolder)
            return new InjectorMessages.Initialize(plan.Id, plan.Seed, plan.Learning, Folder: plan.StartFrom);
        var source = plan.StartFrom.Length == 0 ? null : federation.Named(new FederationId(plan.StartFrom));
        return new InjectorMessages.Initialize(plan.Id, plan.Seed, plan.Learning, source?.GlobalModel, source?.Adapter);
    }
}
