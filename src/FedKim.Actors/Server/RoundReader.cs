using Akka.Actor;
using Akka.Persistence;
using FedKim.Protocol;
using FedKim.Rounds;

namespace FedKim.Actors;

/// <summary>Reads one round's journal, tells who asked what happened, and ends. Writes nothing, so it may read beside the round's coordinator.</summary>
internal sealed class RoundReader : ReceivePersistentActor
{
    /// <param name="id">The round; its text is the persistence id.</param>
    /// <param name="asker">Gets a <see cref="FederationQueries.Story"/>.</param>
    public RoundReader(RoundId id, IActorRef asker)
    {
        PersistenceId = id.ToString();
        var events = new List<IRoundEvent>();
        Recover<IRoundEvent>(events.Add);
        Recover<RecoveryCompleted>(_ =>
        {
            asker.Tell(new FederationQueries.Story(
                [.. RoundStory.Tell(id, events).Select(s => new StoryLine(s.At.ToUnixTimeMilliseconds(), s.Words))]));
            Context.Stop(Self);
        });
    }

    /// <inheritdoc/>
    public override string PersistenceId { get; }
}
