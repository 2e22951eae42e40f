using System.Collections.Immutable;

namespace FedKim.Rounds;

/// <summary>Who is asked in a round: the roster, who is here, and what the plan says. Pure; drawn from the federation's seed and the round's number.</summary>
public static class RoundSelection
{
    /// <summary>Why a site was left out whose turn it is not.</summary>
    public const string NotDrawn = "not drawn";

    /// <summary>Why a site was left out that an operator has drained.</summary>
    public const string Drained = "drained by an operator";

    /// <summary>Why a site was left out that is not heard.</summary>
    public static string Silent(TimeSpan since) => $"{RoundRules.Silent(since)} when the round opened";

    /// <summary>Whether it matters to a round of this plan who is here when it opens.</summary>
    public static bool AsksWhoIsHere(FederationPlan plan, int round) => plan.SkipAfter is not null || (plan.Anyone is not null && round == 1);

    /// <summary>The choice for a round.</summary>
    /// <param name="plan">The federation's plan.</param>
    /// <param name="roster">Who takes part.</param>
    /// <param name="round">The round's number, from 1.</param>
    /// <param name="presence">Who is here, and for how long the others were silent; one who is not in it is taken to be here.</param>
    public static RoundChoice Choose(FederationPlan plan, Roster roster, int round, IReadOnlyDictionary<ClientId, SitePresence> presence)
    {
        ImmutableArray<ClientId> all = [.. roster.TakingPart];
        if (Waiting(plan, roster, all, round, presence) is { } waiting)
            return new RoundChoice([], [], waiting);
        var sentAway = roster.Sites.Where(s => s.Value.Standing != SiteStanding.TakesPart)
            .Select(s => new LeftOut(s.Key, s.Value.Standing == SiteStanding.Drained ? Drained : RoundRules.Excluded, IsMissed: false));
        var samples = Samples(roster, all);
        var here = Here(plan, all, samples, presence);
        int wanted = plan.Selection.Of(all.Length, plan.Quorum);
        var invited = here.Length > wanted ? Draw(plan, round, here, samples, wanted) : here;
        bool missed = here.Length < wanted;
        return new RoundChoice(
            invited,
            [
                .. all.Except(here).Select(s => new LeftOut(s, Silent(presence[s].Silent), missed))
                    .Concat(here.Except(invited).Select(s => new LeftOut(s, NotDrawn, IsMissed: false))).Concat(sentAway).OrderBy(l => l.Site),
            ],
            "");
    }

    /// <summary>
    /// The choice for a round that failed and is tried again, where those whom it asked cannot bring it to its quorum any more and others could;
    /// null where they can, or nobody can.
    /// </summary>
    /// <param name="plan">The federation's plan.</param>
    /// <param name="roster">Who takes part now.</param>
    /// <param name="failed">The round.</param>
    /// <param name="kept">Whose contribution counts already; they stay invited.</param>
    /// <param name="presence">As for <see cref="Choose"/>.</param>
    public static RoundChoice? ChooseAgain(
        FederationPlan plan, Roster roster, Round failed, ImmutableArray<ClientId> kept, IReadOnlyDictionary<ClientId, SitePresence> presence)
    {
        // Who was dropped, broken or unwilling as it may be, is likely to be again: others are asked where there are enough.
        ImmutableArray<ClientId> dropped = [.. failed.Dropped.Keys.Except(kept).Where(roster.Invites).Order()];
        if (failed.Invited.Count(s => kept.Contains(s) || (roster.Invites(s) && !failed.Dropped.ContainsKey(s) && !IsGone(plan, s, presence))) >= failed.Quorum)
            return null;
        var choice = Choose(plan, roster with { Sites = roster.Sites.RemoveRange(dropped) }, failed.Id.Number, presence);
        ImmutableArray<ClientId> invited = [.. choice.Invited.Union(kept).Order()];
        return choice.Waiting.Length > 0 || invited.Length < failed.Quorum || invited.SequenceEqual(failed.Invited) ? null
            : choice with
            {
                Invited = invited,
                LeftOut =
                [
                    .. choice.LeftOut.Where(l => !kept.Contains(l.Site))
                        .Concat(dropped.Select(s => new LeftOut(s, failed.Dropped[s], IsMissed: true))).OrderBy(l => l.Site),
                ],
            };
    }

    // A round that nobody could commit is not opened: who is awaited shows, and who comes is asked.
    private static string? Waiting(FederationPlan plan, Roster roster, ImmutableArray<ClientId> all, int round, IReadOnlyDictionary<ClientId, SitePresence> presence)
    {
        if (round == 1 && plan.Anyone is { } anyone)
        {
            ClientId[] here = [.. all.Where(s => !presence.TryGetValue(s, out var p) || p.IsHere)];
            if (here.Length < anyone.Least)
            {
                return $"waits for sites: {here.Length} of at least {anyone.Least} are here{(here.Length > 0 ? $" ({RoundResult.Names(here)})" : "")}, "
                    + $"{anyone.Least - here.Length} missing{Named("silent", all.Except(here))}{Away(roster)}. Whoever is certified and comes takes part; 'federation stop' ends the wait";
            }
        }

        if (all.Length < plan.Quorum)
            return $"waits for sites: {all.Length} take part, and the quorum is {plan.Quorum}{Away(roster)}. 'client resume' asks one again that was drained or excluded";

        // A server that has just begun to listen takes whoever is long gone for one that is about to speak, and might draw it.
        if (plan.SkipAfter is { } skip && plan.Selection.Of(all.Length, plan.Quorum) < all.Length)
        {
            int unheard = all.Count(s => presence.TryGetValue(s, out var p) && !p.WasHeard && p.Silent < skip);
            if (unheard > 0)
                return $"waits for sites: {all.Length - unheard} of {all.Length} were heard since this server began to listen. It draws once all were, or once it has listened for as long as 'absent' says";
        }

        return null;
    }

    private static string Away(Roster roster) =>
        Named("drained", roster.Sites.Where(s => s.Value.Standing == SiteStanding.Drained).Select(s => s.Key)) + Named("excluded", roster.Excluded);

    private static string Named(string how, IEnumerable<ClientId> sites) => sites.ToArray() is { Length: > 0 } names ? $"; {how}: {RoundResult.Names(names)}" : "";

    // Who is silent for so long is not waited for, as long as the round can be committed without.
    private static ImmutableArray<ClientId> Here(
        FederationPlan plan, ImmutableArray<ClientId> all, ImmutableDictionary<ClientId, double> samples, IReadOnlyDictionary<ClientId, SitePresence> presence)
    {
        if (plan.SkipAfter is null)
            return all;
        ImmutableArray<ClientId> here = [.. all.Where(s => !IsGone(plan, s, presence))];
        bool suffice = here.Length >= plan.Quorum && here.Sum(s => samples[s]) >= plan.QuorumShare * all.Sum(s => samples[s]);
        return suffice ? here : all;
    }

    // By the same measure by which a round drops who falls silent in training: else the next one would ask it again and drop it again.
    private static bool IsGone(FederationPlan plan, ClientId site, IReadOnlyDictionary<ClientId, SitePresence> presence) =>
        plan.SkipAfter is { } skip && presence.TryGetValue(site, out var p) && p.Silent >= skip;

    // Efraimidis and Spirakis 2006: the greatest keys log(u)/w are a draw without replacement with probability by w. Each site's u is its own, so
    // neither the order nor who else is there matters to it.
    private static ImmutableArray<ClientId> Draw(FederationPlan plan, int round, ImmutableArray<ClientId> here, ImmutableDictionary<ClientId, double> samples, int count) =>
    [
        .. here.OrderByDescending(s => Math.Log(SeededGenerator.Derive(plan.Seed, "select", round, s.Value).NextDouble()) / (plan.Selection.ByData ? Math.Max(1, samples[s]) : 1))
            .ThenBy(s => s).Take(count).Order(),
    ];

    private static ImmutableDictionary<ClientId, double> Samples(Roster roster, ImmutableArray<ClientId> all)
    {
        long largest = all.Select(s => roster.Sites[s].Samples ?? 0).DefaultIfEmpty().Max();
        return all.ToImmutableDictionary(s => s, s => SampleShare.Guess(roster.Sites[s].Samples, largest));
    }
}

/// <summary>Whether a site is here.</summary>
/// <param name="IsHere">Whether it was heard just now.</param>
/// <param name="Silent">For how long it was not, by the time in which it could have been heard.</param>
/// <param name="WasHeard">Whether it was heard at all since the server began to listen.</param>
public readonly record struct SitePresence(bool IsHere, TimeSpan Silent, bool WasHeard = true);

/// <summary>Whom a round asks.</summary>
/// <param name="Invited">Who is asked, in ordinal order.</param>
/// <param name="LeftOut">Who of the federation is not, in ordinal order.</param>
/// <param name="Waiting">What the round waits for before it can be opened; empty where it can be.</param>
public sealed record RoundChoice(ImmutableArray<ClientId> Invited, ImmutableArray<LeftOut> LeftOut, string Waiting);
