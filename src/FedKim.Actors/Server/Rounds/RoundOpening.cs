using System.Collections.Immutable;
using Akka.Actor;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Rounds;

/// <summary>
/// How a round is opened: for those whom <see cref="RoundSelection"/> chooses of the roster as it is then, once enough are here. What was chosen
/// is the first event of the round's journal; from then on nothing is chosen anew.
/// </summary>
/// <param name="round">The round.</param>
/// <param name="federation">The federation as it is.</param>
/// <param name="server">What the server's actors share.</param>
/// <param name="timers">The coordinator's, which gets <see cref="Look"/> while it waits.</param>
internal sealed class RoundOpening(RoundId round, Federation federation, ServerContext server, ITimerScheduler timers)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly ImmutableDictionary<ClientId, SitePresence> All = ImmutableDictionary<ClientId, SitePresence>.Empty;

    private readonly FederationPlan _plan = federation.Plan!;
    private Roster _roster = federation.Roster;

    /// <summary>What it waits for before it can be opened; empty where it need not.</summary>
    public string Waiting { get; private set; } = "";

    /// <summary>Somebody came or left.</summary>
    public void Follow(Roster roster) => _roster = roster;

    /// <summary>How the round is opened now; null while nobody knows who is here, or too few are.</summary>
    public RoundCommands.Open? Begin()
    {
        if (!RoundSelection.AsksWhoIsHere(_plan, round.Number))
            return Choose(All);
        server.Directory.Tell(new SiteDirectory.Call([.. _roster.TakingPart]));
        timers.StartSingleTimer(nameof(Look), new Look(), LookEvery);
        return null;
    }

    /// <summary>The same once it is known who is here.</summary>
    public RoundCommands.Open? Begin(SiteDirectory.Called called) => Choose(called.Sites);

    /// <summary>What a round that was opened before is told: for whom nothing more is done in it.</summary>
    public RoundCommands.Open Again() => For([], []);

    /// <summary>How a round is opened that nobody waits for any more.</summary>
    public RoundCommands.Open Anyway() => For([.. _roster.TakingPart], []);

    private RoundCommands.Open? Choose(IReadOnlyDictionary<ClientId, SitePresence> presence)
    {
        var choice = RoundSelection.Choose(_plan, _roster, round.Number, presence);
        Waiting = choice.Waiting;
        if (Waiting.Length > 0)
            return null;
        timers.Cancel(nameof(Look));
        return For(choice.Invited, choice.LeftOut);
    }

    private RoundCommands.Open For(ImmutableArray<ClientId> invited, ImmutableArray<LeftOut> leftOut) =>
        new(federation.GlobalModel!.Value, federation.Adapter!.Value, federation.Moments, invited, _plan.Quorum)
        {
            LeftOut = leftOut,
            Known = [.. invited.Concat(leftOut.Select(l => l.Site)).Order().SelectMany(Known)],
            QuorumShare = _plan.QuorumShare,
            Excluded = [.. _roster.Excluded],
        };

    private IEnumerable<SiteSamples> Known(ClientId site) => _roster.Sites[site].Samples is { } samples ? [new SiteSamples(site, samples)] : [];

    /// <summary>It is time to look again who is here.</summary>
    internal sealed record Look;
}
