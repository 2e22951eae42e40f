using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Rounds;

/// <summary>Measures how long coordinators have led a round's phase, by the clock that only runs forward: a coordinator goes on from what the journal says.</summary>
internal sealed class PhaseClock(TimeProvider clock)
{
    private TimeSpan _before;
    private long _since = clock.GetTimestamp();

    /// <summary>Goes on from a round as it was read.</summary>
    public void Resume(Round round) => (_before, _since) = (round.Elapsed, clock.GetTimestamp());

    /// <summary>What commands lead to that are decided now, one after the other, each event with the time that its phase had lasted.</summary>
    public ImmutableArray<IRoundEvent> Decide(Round round, IEnumerable<IRoundCommand> commands)
    {
        var stamped = ImmutableArray.CreateBuilder<IRoundEvent>();
        foreach (var command in commands)
        {
            foreach (var e in RoundRules.Decide(round, command, clock.GetUtcNow()))
            {
                var timed = e is TimedRoundEvent t && round.Exists ? (IRoundEvent)(t with { Elapsed = _before + clock.GetElapsedTime(_since) }) : e;
                var after = RoundRules.Apply(round, timed);
                if (after.Phase != round.Phase || !round.Exists)
                    (_before, _since) = (TimeSpan.Zero, clock.GetTimestamp());
                round = after;
                stamped.Add(timed);
            }
        }

        return stamped.DrainToImmutable();
    }
}
