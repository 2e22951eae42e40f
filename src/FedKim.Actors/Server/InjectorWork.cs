using Akka.Actor;
using Akka.Event;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>
/// What a federation has the injector do outside of its rounds: make the first model, measure the last. Asked for until it is done, within
/// the plan's limit. Decides nothing: says what there is to decide.
/// </summary>
internal sealed class InjectorWork(ServerContext server, KeptWeights kept, IActorContext context, ITimerScheduler timers, ILoggingAdapter log)
{
    private static readonly SiteDirectory.Listen Awaited = new([], Injector: true);

    private readonly LimitWatch _limit = new(timers, server);
    private readonly InjectionLook<InjectorMessages.Initialized> _look = new(context);
    private InjectorMessages.IWork? _asked;
    private FederationPhase? _limited;
    private bool _lacks;
    private string _said = "";

    /// <summary>Whether this work is asked for now.</summary>
    public bool IsAsked(InjectorMessages.IWork work) => work.Name == _asked?.Name;

    /// <summary>Asks for what the federation needs in this state, and limits how long it may take.</summary>
    public void React(Federation federation)
    {
        _asked = federation switch
        {
            { Phase: FederationPhase.Initializing, Plan: { } plan } => Start(federation, plan),
            { Phase: FederationPhase.Evaluating, Plan: { } plan, GlobalModel: { } model, Aggregate: { } aggregate, Adapter: { } adapter } =>
                new InjectorMessages.Evaluate(plan.Id, plan.Seed, plan.Learning, model, aggregate, adapter),
            _ => null,
        };
        Ask(federation);
        if (_limited == federation.Phase)
            return;
        _limited = federation.Phase;
        if (_asked is null)
            _limit.End();
        else
            _limit.Begin(federation.Plan!.LimitOf(federation.Phase), Awaited);
    }

    /// <summary>Asks again. What the injector fetches must be at this node first.</summary>
    public void Ask(Federation federation)
    {
        Digest?[] needs = _asked switch
        {
            InjectorMessages.Evaluate e => [e.GlobalModel, e.Aggregate, e.Adapter],
            InjectorMessages.Initialize i => [i.GlobalModel, i.Adapter],
            _ => [],
        };
        _lacks = !server.Holds(needs.OfType<Digest>());
        if (_lacks)
            LookAgain.After(ServerContext.AskAgain, timers);
        else if (_asked is { } work)
            server.Directory.Tell(new SiteDirectory.AskInjector(new InjectorMessages.Order(work, server.Weights, federation.Epoch)));
    }

    /// <inheritdoc cref="LimitWatch.Heard"/>
    public void Heard(SiteDirectory.Heard heard) => _limit.Heard(heard);

    /// <summary>A beat of the limit, which stands still while the server's own files hinder.</summary>
    /// <returns>What there is to decide: to give up what took too long. Null for nothing.</returns>
    public IFederationCommand? Beat(Federation federation)
    {
        bool over = _limit.Beat(Awaited, halts: server.Trouble is not null || _lacks);
        string waiting = Waiting(federation);
        if (waiting.Length > 0 && waiting != _said)
            log.Warning("Federation {Federation} {Waiting}", federation.Plan!.Id, waiting);
        _said = waiting;
        return over
            ? new FederationCommands.Abandon($"The federation was still {federation.Phase} after {federation.Plan!.LimitOf(federation.Phase)}. Is the injector's node running?")
            : null;
    }

    /// <summary>What the federation waits for in this work, in words; empty where it does not.</summary>
    public string Waiting(Federation federation) => federation.Phase switch
    {
        not (FederationPhase.Initializing or FederationPhase.Evaluating) => "",
        _ when server.Trouble is { } trouble => $"paused: {trouble}",
        _ when _lacks => "waits for weights that this server lacks; every node that may hold them is asked",
        _ when _limit.InjectorIsAway => "waits for the injector's node, which is not here",
        _ => "",
    };

    /// <summary>Looks at the first model that the injector made.</summary>
    public void Examine(InjectorMessages.Initialized made, Federation federation)
    {
        if (_look.IsOn || federation is not { Phase: FederationPhase.Initializing, Plan: { } plan } || made.Federation != plan.Id
            || !server.Has(made.GlobalModel) || !server.Has(made.Adapter))
        {
            return;
        }

        var store = server.Store;
        _look.Begin(made, () => InjectionCheck.Refusal(store.Get(made.GlobalModel), store.Get(made.Adapter), plan.Parts));
    }

    /// <summary>The first model was looked at.</summary>
    /// <returns>What there is to decide; null for nothing: the injector says it again.</returns>
    public IFederationCommand? Judge(InjectionLook<InjectorMessages.Initialized>.Looked look, Federation federation, LatestRound latest)
    {
        _look.End();
        var made = look.Said;
        if (made.Federation != federation.Plan?.Id)
            return null;
        switch (look)
        {
            case { Problem: DamagedException damage }:
                server.Store.Lose(damage.Digest);
                return null;
            case { Problem: { } problem }:
                log.Warning("What the injector sent cannot be looked at: {Problem}", problem.Message);
                return null;
            case { Fault: { } fault }:
                kept.Discard([made.GlobalModel, made.Adapter], federation, latest);
                return new FederationCommands.Abandon($"What the injector made to start from is refused: {fault}");
            default:
                return new FederationCommands.RecordInitialization(made.GlobalModel, made.Adapter);
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
