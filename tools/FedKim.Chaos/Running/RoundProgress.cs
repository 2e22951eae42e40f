using FedKim.Rounds;

namespace FedKim.Chaos.Running;

/// <summary>How far a round is by the kinds of its events alone.</summary>
/// <param name="Events">Events in its journal; 0 before it is opened.</param>
/// <param name="Phase">Where it stands.</param>
/// <param name="Accepted">Contributions that count.</param>
internal sealed record RoundProgress(int Events, Phase Phase, int Accepted)
{
    public static RoundProgress Of(IReadOnlyList<JournalEvent> events)
    {
        var phase = Phase.Opened;
        foreach (var e in events)
            phase = PhaseBegunBy(e.Manifest) ?? phase;
        return new RoundProgress(events.Count, phase, events.Count(e => e.Manifest == "r.accept"));
    }

    /// <summary>The phase that an event begins; null if it begins none.</summary>
    public static Phase? PhaseBegunBy(string manifest) => manifest switch
    {
        "r.open" => Phase.Opened,
        "r.train" or "r.reopen" => Phase.Training,
        "r.close" => Phase.Aggregating,
        "r.sum" => Phase.Injecting,
        "r.inject" => Phase.Publishing,
        "r.commit" => Phase.Committed,
        "r.fail" => Phase.Failed,
        _ => null,
    };

    public override string ToString() => Events == 0 ? "not opened" : $"{Phase}, {Accepted} accepted, {Events} events";
}
