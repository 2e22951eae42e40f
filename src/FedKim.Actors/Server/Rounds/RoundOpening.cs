using System.Collections.Immutable;
using Akka.Actor;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Rounds;

/// <summary>
/// How a round is opened: for those whom <see cref="RoundSelection"/> chooses of the roster as it is then, once enough are here. What was chosen
/// is the first event of the round's journal; from then on nothing is chosen anew, unless the round failed and cannot be tried again with those.
/// </summary>
/// <param name="round">The round.</param>
/// <param name="federation">The federation as it is.</param>
/// <param name="server">What the server's actors share.</param>
/// <param name="timers">The coordinator's, which gets <see cref="Look"/> while it waits.</param>
internal sealed class RoundOpening(RoundId round, Federation federation, ServerContext server, ITimerScheduler timers)
{
    /// <summary>What a round waits for that an operator has paused, or that is not opened because its federation is.</summary>
    public const string Held = "paused by an operator, until 'round resume'";

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly ImmutableDictionary<ClientId, SitePresence> All = ImmutableDictionary<ClientId, SitePresence>.Empty;

    private readonly FederationPlan _plan = federation.Plan!;

    /// <summary>Who takes part now.</summary>
    public Roster Roster { get; private set; } = federation.Roster;

    /// <summary>Whether an operator has paused the federation now.</summary>
    public bool Paused { get; private set; } = federation.Paused;

    /// <summary>What it waits for before it can be opened; empty where it need not.</summary>
    public string Waiting { get; private set; } = "";

    /// <summary>Somebody came or left, or it was paused or goes on.</summary>
    /// <param name="now">The federation as it is now.</param>
    /// <param name="isOpen">Whether the round is open.</param>
    /// <returns>Whether that is something to the round now: one that is open hears of that and of who was excluded, one that looks in a moment anyway of nothing.</returns>
    public bool Follow(Federation now, bool isOpen)
    {
        bool concerns = now.Paused != Paused || !now.Roster.Excluded.SequenceEqual(Roster.Excluded);
        (Roster, Paused) = (now.Roster, now.Paused);
        return isOpen ? concerns : !timers.IsTimerActive(nameof(Look));
    }

    /// <summary>How the round is opened now; null while it is held, nobody knows who is here, or too few are.</summary>
    public RoundCommands.Open? Begin()
    {
        if (Paused || !RoundSelection.AsksWhoIsHere(_plan, round.Number))
            return Choose(All);
        Ask();
        return null;
    }

    /// <summary>Asks who is here, and again in a moment.</summary>
    public void Ask()
    {
        server.Directory.Tell(new SiteDirectory.Call([.. Roster.TakingPart]));
        timers.StartSingleTimer(nameof(Look), new Look(), LookEvery);
    }

    /// <summary>The same once it is known who is here.</summary>
    public RoundCommands.Open? Begin(SiteDirectory.Called called) => Choose(called.Sites);

    /// <summary>What a round that was opened before is told: for whom nothing more is done in it, and whether it is paused.</summary>
    public RoundCommands.Open Again() => For([], []) with { Paused = Paused };

    /// <summary>How a round that failed is tried again: with those whom it was opened for, or with others where they cannot bring it to its quorum.</summary>
    /// <param name="failed">The round.</param>
    /// <param name="attempt">Which attempt after the first, from 1.</param>
    /// <param name="called">Who is here.</param>
    public RoundCommands.Reopen Again(Round failed, int attempt, SiteDirectory.Called called)
    {
        timers.Cancel(nameof(Look));
        // Accepted updates may lie on another server, or be gone: whose they were sends them again. Of who was excluded none is taken any more.
        // Where this server's own files keep it from looking they are waited for later.
        ImmutableArray<ClientId> kept =
        [
            .. failed.Accepted.Where(a => Roster.StandingOf(a.Key) != SiteStanding.Excluded && server.HasUpdate(failed.Id, a.Value.Update) is not false)
                .Select(a => a.Key),
        ];
        var again = new RoundCommands.Reopen(attempt, kept);
        return RoundSelection.ChooseAgain(_plan, Roster, failed, kept, called.Sites) is { } choice
            ? again with { Invited = choice.Invited, LeftOut = choice.LeftOut, Known = Known(choice.Invited, choice.LeftOut) }
            : again;
    }

    /// <summary>How a round is opened that nobody waits for any more: so its journal tells that it is over.</summary>
    public RoundCommands.Open GivenUp(string cause) => For([.. Roster.TakingPart], []) with { GivenUp = cause };

    /// <summary>The same where its limit passed before enough were here.</summary>
    public RoundCommands.Open TooLate() => GivenUp($"The round was not opened before its limit. It {(Waiting.Length > 0 ? Waiting : "had not heard who is here")}");

    private RoundCommands.Open? Choose(IReadOnlyDictionary<ClientId, SitePresence> presence)
    {
        if (Paused)
            return null;
        var choice = RoundSelection.Choose(_plan, Roster, round.Number, presence);
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
            Known = Known(invited, leftOut),
            QuorumShare = _plan.QuorumShare,
            Excluded = [.. Roster.Excluded],
        };

    private ImmutableArray<SiteSamples> Known(ImmutableArray<ClientId> invited, ImmutableArray<LeftOut> leftOut) =>
    [
        .. invited.Concat(leftOut.Select(l => l.Site)).Order()
            .Where(s => Roster.Sites[s].Samples is not null).Select(s => new SiteSamples(s, Roster.Sites[s].Samples!.Value)),
    ];

    /// <summary>It is time to look again who is here.</summary>
    internal sealed record Look;
}
