using System.Collections.Immutable;

namespace FedKim.Rounds;

/// <summary>Marks what the world must be told while a round is in a state.</summary>
public interface IRoundEffect;

/// <summary>What the world must be told. Effects follow from the state alone, so they can be issued again after any crash.</summary>
public static class RoundEffects
{
    /// <summary>The models and adapters that must be at the coordinator's node before it can act.</summary>
    public static IEnumerable<Digest> Needs(IRoundEffect effect) => effect switch
    {
        RequestUpdates e => [e.GlobalModel],
        Aggregate { Moments: { } moments } e => [e.GlobalModel, moments],
        Aggregate e => [e.GlobalModel],
        RequestInjection e => [e.Aggregate, e.Adapter],
        Publish e => [e.GlobalModel, e.Adapter],
        _ => [],
    };

    /// <summary>Ask the clients that have not answered yet to train from the round's model. They are the round's own: nobody lists them after every event.</summary>
    public sealed record RequestUpdates(Round Round) : IRoundEffect
    {
        /// <summary>Who is asked, in ordinal order.</summary>
        public IEnumerable<ClientId> Clients => Round.Missing;

        /// <summary>From which model they train.</summary>
        public Digest GlobalModel => Round.StartModel;
    }

    /// <summary>Sum the accepted updates, in this order, and go on from these moments where the strategy keeps some.</summary>
    public sealed record Aggregate(
        ImmutableSortedDictionary<ClientId, Contribution> Accepted, Digest GlobalModel, Digest? Moments) : IRoundEffect
    {
        /// <summary>The round's sum, in whatever phase: its aggregate can be made again while its updates are there.</summary>
        public static Aggregate Of(Round round) => new(round.Accepted, round.StartModel, round.Moments);
    }

    /// <summary>Ask the injector to inject the aggregate.</summary>
    /// <param name="Aggregate">The summed updates.</param>
    /// <param name="Adapter">The adapters to start from.</param>
    /// <param name="Attempt">Which attempt this is, from 1.</param>
    public sealed record RequestInjection(Digest Aggregate, Digest Adapter, int Attempt) : IRoundEffect;

    /// <summary>Make sure the result can be fetched.</summary>
    public sealed record Publish(Digest GlobalModel, Digest Adapter) : IRoundEffect;

    /// <summary>Everybody hears that the round is over; updates may go, unless it failed and may be tried again.</summary>
    public sealed record AnnounceEnd : IRoundEffect;
}
