using System.Collections.Immutable;
using FedKim.Launch.Answers;

namespace FedKim.Launch.Progress;

/// <summary>
/// The latest rounds of the federation that is watched. One that was committed is over and is asked for once: a server reads it from its journal, in
/// which each of its sites has an event.
/// </summary>
internal sealed class SeenRounds
{
    private const int Most = 20;

    private readonly SortedDictionary<int, RoundStatus> _committed = [];
    private string _federation = "";

    /// <summary>How many of the latest rounds are to be asked for, the open one among them.</summary>
    public int Wanted(FederationStatus federation)
    {
        // Another federation, or the same from a journal that was put back.
        if (federation.Federation != _federation || _committed.Keys.LastOrDefault() > federation.CommittedRounds)
            _committed.Clear();
        _federation = federation.Federation;
        return Math.Clamp(federation.CommittedRounds - _committed.Keys.LastOrDefault() + 1, 1, Most);
    }

    /// <summary>The latest rounds, by number.</summary>
    /// <param name="federation">As for <see cref="Wanted"/>.</param>
    /// <param name="answer">Those that were asked for.</param>
    public ImmutableArray<RoundStatus> Look(FederationStatus federation, IReadOnlyList<RoundStatus> answer)
    {
        foreach (var round in answer.Where(r => r.Round <= federation.CommittedRounds))
            _committed[round.Round] = round;
        while (_committed.Count > Most)
            _committed.Remove(_committed.Keys.First());
        return [.. _committed.Values, .. answer.Where(r => r.Round > federation.CommittedRounds)];
    }
}
