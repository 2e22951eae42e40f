using System.Collections.Immutable;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>
/// Who is asked to train in a federation, and for what: those who have not answered in an open round, or those whose update was lost. A round is kept as it is
/// and asked about one site at a time: after each of thousands of contributions nobody is listed anew.
/// </summary>
internal sealed class AskedSites
{
    private Round? _round;
    private ImmutableDictionary<ClientId, Digest> _lost = ImmutableDictionary<ClientId, Digest>.Empty;

    /// <summary>What they are asked for; null where nothing is asked.</summary>
    public SiteMessages.Train? Train { get; private set; }

    /// <summary>Whether a site is asked.</summary>
    public bool Asks(ClientId site) => Train is not null && (_round?.Misses(site) ?? _lost.ContainsKey(site));

    /// <summary>Asks those who have not answered in a round.</summary>
    /// <returns>Who of them was not asked before.</returns>
    public ImmutableArray<ClientId> Ask(SiteMessages.Train train, Round round)
    {
        // Of one try of a round the missing grow fewer, and nobody new is among them.
        bool goesOn = Train?.Round == train.Round && _round?.Reopenings == round.Reopenings;
        ImmutableArray<ClientId> news = goesOn ? [] : [.. round.Missing.Where(IsNew(train))];
        (Train, _round) = (train, round);
        return news;
    }

    /// <summary>Asks those whose update was lost.</summary>
    /// <returns>As above.</returns>
    public ImmutableArray<ClientId> Ask(SiteMessages.Train train, ImmutableDictionary<ClientId, Digest> lost)
    {
        ImmutableArray<ClientId> news = [.. lost.Keys.Where(IsNew(train)).Order()];
        (Train, _round, _lost) = (train, null, lost);
        return news;
    }

    private Func<ClientId, bool> IsNew(SiteMessages.Train train) => Train?.Round == train.Round ? site => !Asks(site) : _ => true;
}
