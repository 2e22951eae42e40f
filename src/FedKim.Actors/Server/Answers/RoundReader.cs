using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using FedKim.Actors.Journals;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Answers;

/// <summary>
/// Answers a question about rounds from their journals, a few of which are read at a time, and ends. Rounds that are over are kept nowhere
/// else. Writes nothing, so it may read beside a round's coordinator.
/// </summary>
internal sealed class RoundReader : ReceiveActor
{
    private const int AtOnce = 8;

    private readonly Queue<RoundId> _unread;
    private readonly SortedDictionary<int, Journaled> _read = [];

    // Counted by their ends as this actor hears of them: a child is gone before what it said last is heard.
    private int _reading;

    /// <param name="rounds">The rounds, in ascending order, of one federation.</param>
    /// <param name="room">Bytes the answer may take; no more rounds are read once those that were have filled it.</param>
    /// <param name="bytes">What a round takes of the answer.</param>
    /// <param name="answer">Answers from the rounds that were read, those without a journal left out.</param>
    /// <param name="asker">Told <see cref="OperatorMessages.Refused"/> when a journal cannot be read.</param>
    public RoundReader(IEnumerable<RoundId> rounds, int room, Func<Journaled, int> bytes, Action<IReadOnlyList<Journaled>> answer, IActorRef asker)
    {
        _unread = new Queue<RoundId>(rounds);
        int filled = 0;
        Receive<Journaled>(j =>
        {
            _read[j.Id.Number] = j;
            filled += j.Events.IsEmpty ? 0 : bytes(j);
        });
        Receive<Unreadable>(u =>
        {
            asker.Tell(new OperatorMessages.Refused($"The journal of round {u.Id} cannot be read now: {u.Reason}"));
            Context.Stop(Self);
        });
        Receive<Terminated>(_ =>
        {
            _reading--;
            if (filled < room && _unread.TryDequeue(out var next))
                Read(next);
            else if (_reading == 0)
                End();
        });

        void End()
        {
            answer([.. _read.Values.Where(j => !j.Events.IsEmpty)]);
            Context.Stop(Self);
        }

        for (int i = 0; i < AtOnce && _unread.TryDequeue(out var first); i++)
            Read(first);
        if (_reading == 0)
            End();
    }

    private void Read(RoundId id)
    {
        _reading++;
        Context.Watch(Context.ActorOf(Props.Create(() => new OneJournal(id))));
    }

    /// <summary>A round's journal as far as it goes.</summary>
    internal sealed record Journaled(RoundId Id, ImmutableArray<IRoundEvent> Events)
    {
        /// <summary>The round it tells of.</summary>
        public Round Round { get; } = Events.Aggregate(new Round(Id), RoundRules.Apply);
    }

    private sealed record Unreadable(RoundId Id, string Reason);

    private sealed class OneJournal : ReceivePersistentActor
    {
        private readonly RoundId _id;

        public OneJournal(RoundId id)
        {
            (_id, PersistenceId) = (id, id.ToString());
            var events = ImmutableArray.CreateBuilder<IRoundEvent>();
            Recover<IRoundEvent>(events.Add);
            Recover<RecoveryCompleted>(_ =>
            {
                Context.Parent.Tell(new Journaled(id, events.ToImmutable()));
                Context.Stop(Self);
            });
        }

        public override string PersistenceId { get; }

        public override Recovery Recovery => HistoryReading.OfEvents;

        protected override void OnRecoveryFailure(Exception reason, object? message = null)
        {
            Context.Parent.Tell(new Unreadable(_id, Reason.WithoutPaths(reason.Message)));
            base.OnRecoveryFailure(reason, message);
        }
    }
}
