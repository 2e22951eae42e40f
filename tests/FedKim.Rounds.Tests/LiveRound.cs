using System.Collections.Immutable;

namespace FedKim.Rounds.Tests;

/// <summary>A round that is told commands as its coordinator tells them: decide, write into the journal, apply.</summary>
internal sealed class LiveRound(Round state)
{
    public Round State { get; private set; } = state;

    public List<IRoundEvent> Journal { get; } = [];

    public ImmutableArray<IRoundEvent> Say(IRoundCommand command, DateTimeOffset now)
    {
        var events = RoundRules.Decide(State, command, now);
        foreach (var e in events)
            Happened(e);
        return events;
    }

    public ImmutableArray<IRoundEvent> Say(IRoundCommand command) => Say(command, Given.Start);

    /// <summary>Says commands one after another, a second apart.</summary>
    public LiveRound SayAll(params IEnumerable<IRoundCommand> commands)
    {
        var now = Given.Start;
        foreach (var command in commands)
            Say(command, now += TimeSpan.FromSeconds(1));
        return this;
    }

    public void Happened(IRoundEvent e)
    {
        Journal.Add(e);
        State = RoundRules.Apply(State, e);
    }

    public static LiveRound New() => new(Given.Round());

    public static LiveRound Recovered(IEnumerable<IRoundEvent> journal)
    {
        var round = New();
        foreach (var e in journal)
            round.Happened(e);
        return round;
    }
}
