using Akka.Actor;
using Akka.Event;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Rounds;

/// <summary>Looks at what the injector made of a round's aggregate before it counts. Decides nothing: says what there is to decide.</summary>
internal sealed class InjectedResults(FederationPlan plan, ServerContext server, IActorContext context, ILoggingAdapter log)
{
    private readonly InjectionLook<InjectorMessages.Injected> _look = new(context);

    /// <summary>Looks at a result that is whole and here.</summary>
    public void Examine(InjectorMessages.Injected m, Round round)
    {
        if (_look.IsOn || round is not { Phase: Phase.Injecting, Aggregate: { } aggregate, StartAdapter: var start } || m.Aggregate != aggregate
            || !server.Has(m.GlobalModel) || !server.Has(m.Adapter) || !server.Holds([aggregate, start]))
        {
            return;
        }

        var (store, bound) = (server.Store, plan.MaxNorm);
        _look.Begin(m, () => InjectionCheck.Refusal(store.Get(aggregate), store.Get(start), store.Get(m.GlobalModel), store.Get(m.Adapter), bound));
    }

    /// <summary>A result was looked at.</summary>
    /// <returns>What there is to decide; null where it could not be looked at.</returns>
    public IRoundCommand? Judge(InjectionLook<InjectorMessages.Injected>.Looked look, Round round)
    {
        _look.End();
        var m = look.Said;
        if (look.Problem is not null)
            return null;
        if (look.Fault is not { } fault)
            return new RoundCommands.RecordInjection(m.Aggregate, m.GlobalModel, m.Adapter, m.Loss);
        log.Warning("Round {Round}: the injector's result is refused: {Fault}", round.Id, fault);
        context.Parent.Tell(new FederationActor.Refused(
            [.. new[] { m.GlobalModel, m.Adapter }.Where(d => d != round.Aggregate && d != round.StartModel && d != round.StartAdapter)]));
        return new RoundCommands.RecordInjectionFailure(m.Aggregate, m.Attempt, $"the injector's result is refused: {fault}");
    }
}
