using System.Collections.Immutable;

namespace FedKim.Rounds;

/// <summary>Who takes part in a federation, built from its events alone: those its plan names, or those who have come; and who was sent away.</summary>
public sealed record Roster
{
    private readonly ImmutableSortedDictionary<ClientId, RosterSite> _sites = ImmutableSortedDictionary<ClientId, RosterSite>.Empty;

    /// <summary>Nobody.</summary>
    public static Roster Empty { get; } = new();

    /// <summary>Nobody yet.</summary>
    public Roster()
    {
    }

    private Roster(ImmutableSortedDictionary<ClientId, RosterSite> sites, int count, ImmutableSortedSet<ClientId> excluded) =>
        (_sites, Count, Excluded) = (sites, count, excluded);

    /// <summary>Every site that ever took part or was excluded, in ordinal order.</summary>
    public ImmutableSortedDictionary<ClientId, RosterSite> Sites
    {
        get => _sites;
        init => (_sites, Count, Excluded) = (
            value, value.Values.Count(s => s.Standing == SiteStanding.TakesPart), [.. value.Where(s => s.Value.Standing == SiteStanding.Excluded).Select(s => s.Key)]);
    }

    /// <summary>How many take part.</summary>
    public int Count { get; private init; }

    /// <summary>Who takes part, in ordinal order.</summary>
    public IEnumerable<ClientId> TakingPart => Sites.Where(s => s.Value.Standing == SiteStanding.TakesPart).Select(s => s.Key);

    /// <summary>Whom an operator has excluded.</summary>
    public ImmutableSortedSet<ClientId> Excluded { get; private init; } = [];

    /// <summary>The roster on which these sites stand, and no others.</summary>
    public static Roster Of(IEnumerable<ClientId> sites) => new() { Sites = sites.ToImmutableSortedDictionary(s => s, _ => RosterSite.New) };

    /// <summary>Whether a site takes part.</summary>
    public bool Invites(ClientId site) => StandingOf(site) == SiteStanding.TakesPart;

    /// <summary>How a site stands; null where it never took part.</summary>
    public SiteStanding? StandingOf(ClientId site) => Sites.GetValueOrDefault(site)?.Standing;

    /// <summary>The roster after an event.</summary>
    public Roster After(IRosterEvent e) => e switch
    {
        RosterEvents.SiteJoined or RosterEvents.SiteReturned => Stands(e.Site, SiteStanding.TakesPart),
        RosterEvents.SiteDrained => Stands(e.Site, SiteStanding.Drained),
        RosterEvents.SiteExcluded => Stands(e.Site, SiteStanding.Excluded),
        _ => throw new ArgumentOutOfRangeException(nameof(e), e, "An event of another version."),
    };

    /// <summary>The roster after these samples counted in a round.</summary>
    public Roster After(ImmutableArray<SiteSamples> counted) => counted.IsEmpty
        ? this
        : this with { Sites = Sites.SetItems(counted.Select(c => KeyValuePair.Create(c.Site, (Sites.GetValueOrDefault(c.Site) ?? RosterSite.New) with { Samples = c.Samples }))) };

    /// <summary>Whether a round that is open takes updates from a site: whoever was excluded brings no more, though it was dropped for another reason before.</summary>
    public bool Admits(Round round, ClientId site) => round.Admits(site) && (round.Accepted.ContainsKey(site) || StandingOf(site) != SiteStanding.Excluded);

    /// <summary>What counted in a round and is another number than before.</summary>
    public ImmutableArray<SiteSamples> News(Round round) =>
        [.. round.Accepted.Select(a => new SiteSamples(a.Key, a.Value.Samples.Total)).Where(c => Sites.GetValueOrDefault(c.Site)?.Samples != c.Samples)];

    // Not counted anew: of a thousand sites each comes alone.
    private Roster Stands(ClientId site, SiteStanding standing) => new(
        Sites.SetItem(site, (Sites.GetValueOrDefault(site) ?? RosterSite.New) with { Standing = standing }),
        Count + (standing == SiteStanding.TakesPart ? 1 : 0) - (Invites(site) ? 1 : 0),
        standing == SiteStanding.Excluded ? Excluded.Add(site) : Excluded.Remove(site));
}

/// <summary>A site of a roster.</summary>
/// <param name="Standing">How it stands.</param>
/// <param name="Samples">The samples of its contribution that counted last; null before the first.</param>
public sealed record RosterSite(SiteStanding Standing, long? Samples)
{
    /// <summary>One that takes part, and has not contributed yet.</summary>
    public static RosterSite New { get; } = new(SiteStanding.TakesPart, null);
}

/// <summary>How a site stands to a federation.</summary>
public enum SiteStanding
{
    /// <summary>It takes part.</summary>
    TakesPart = 0,

    /// <summary>An operator has drained it: it finishes its round, and is not asked again before it is resumed.</summary>
    Drained = 1,

    /// <summary>An operator has excluded it: it does nothing more, in the open round either.</summary>
    Excluded = 2,
}

/// <summary>How many samples a site's contribution had.</summary>
public sealed record SiteSamples(ClientId Site, long Samples);
