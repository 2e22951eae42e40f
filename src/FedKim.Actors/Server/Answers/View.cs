using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Answers;

/// <summary>States as those see them who ask, in pieces that fit into a frame.</summary>
internal static class View
{
    /// <summary>A federation at a glance, with its invited sites after one.</summary>
    public static FederationView Of(Federation f, string after = "")
    {
        var (invited, more) = Page.Cut(
            f.Roster.TakingPart.Select(c => c.Value).Where(c => string.CompareOrdinal(c, after) > 0), c => Page.Of(c), Page.Bytes / 2);
        return Glance(f) with { Invited = invited, Next = more ? invited[^1] : "" };
    }

    /// <summary>One that waits for its turn, as if it were a federation already.</summary>
    public static FederationView OfQueued(Federation latest, FederationId id, string after = "")
    {
        var view = Queued(latest).First(v => v.Federation == id.Value);
        return Of(latest.NamedOrQueued(id)!, after) with { Place = view.Place, Waiting = view.Waiting };
    }

    /// <summary>The federations at a glance, oldest first and those that wait last, from this one on.</summary>
    public static FederationQueries.Federations All(Federation latest, int from) =>
        Cut(latest.Earlier.Add(latest).Where(f => f.Plan is not null).Select(Glance).Concat(Queued(latest)), from);

    /// <summary>Those that run, and those that wait, from this one on.</summary>
    /// <param name="latest">The one that began last, with the others.</param>
    /// <param name="doing">What one that runs is at.</param>
    /// <param name="from">Counted from 0.</param>
    public static FederationQueries.Federations Queue(Federation latest, Func<Federation, Doing> doing, int from) => Cut(
        latest.Running.Select(f => (Runs: f, At: doing(f)))
            .Select(r => Glance(r.Runs) with { Since = r.At.Since.ToUnixTimeMilliseconds(), Waiting = r.At.What }).Concat(Queued(latest)), from);

    private static FederationQueries.Federations Cut(IEnumerable<FederationView> views, int from)
    {
        var (items, more) = Page.Cut(
            views.Skip(from), v => Page.Of(v.Federation, v.Strategy, v.Method, v.GlobalModel, v.Adapter, v.Cause, v.Coordinator, v.Waiting));
        return new FederationQueries.Federations(items, more ? from + items.Length : 0);
    }

    private static IEnumerable<FederationView> Queued(Federation latest) => latest.Queue.Select((queued, i) =>
        Glance(latest.NamedOrQueued(queued.Plan.Id)!) with
        {
            Place = i + 1,
            Waiting = string.Join(", ", QueueRules.Behind(latest, i)) is { Length: > 0 } behind ? $"behind {behind}" : "begins",
        });

    /// <summary>A piece of a long text.</summary>
    public static FederationQueries.Text Piece(string text, int from)
    {
        // A character takes at most three bytes.
        const int Longest = Page.Bytes / 3;
        from = Math.Clamp(from, 0, text.Length);
        int length = Math.Min(Longest, text.Length - from);
        return new FederationQueries.Text(text.Substring(from, length), from + length < text.Length ? from + length : 0);
    }

    /// <summary>A round with its clients after one.</summary>
    /// <param name="r">The round.</param>
    /// <param name="since">How long ago it was so, in a round that is open.</param>
    /// <param name="after">The client before the first.</param>
    public static RoundView Of(Round r, TimeSpan since, string after = "")
    {
        var (clients, more) = Page.Cut(
            r.Invited.Concat(r.LeftOut.Keys).Order().Where(c => string.CompareOrdinal(c.Value, after) > 0), c => Bytes(r, c), Page.Bytes - BytesOfSummary(r));
        return Summary(r, since) with
        {
            Invited = [.. clients.Where(c => !r.LeftOut.ContainsKey(c)).Select(c => c.Value)],
            Accepted = [.. clients.Where(r.Accepted.ContainsKey).Select(c => Accepted(c, r.Accepted[c]))],
            Dropped = [.. clients.Where(r.Dropped.ContainsKey).Select(c => new DroppedView(c.Value, Page.Brief(r.Dropped[c])))],
            LeftOut = [.. clients.Where(r.LeftOut.ContainsKey).Select(c => new DroppedView(c.Value, Page.Brief(r.LeftOut[c].Reason)))],
            Next = more ? clients[^1].Value : "",
        };

        static AcceptedView Accepted(ClientId client, Contribution c) => new(client.Value, c.Update.Hex, c.Samples.Total, c.Loss);
    }

    /// <summary>What <see cref="Of(Round, TimeSpan, string)"/> takes of a page.</summary>
    public static int Bytes(Round r) => Math.Min(Page.Bytes, BytesOfSummary(r) + r.Invited.Concat(r.LeftOut.Keys).Sum(c => Bytes(r, c)));

    /// <summary>What <see cref="Summary"/> takes of a page.</summary>
    public static int BytesOfSummary(Round r) => (r.Began.Count * Page.Of("Aggregating"))
        + Page.Of(Page.Brief(r.Cause), Page.Brief(RoundResult.Line(r)), Text(r.Aggregate), Text(r.GlobalModel), Text(r.Adapter));

    private static int Bytes(Round r, ClientId c) => Page.Of(c.Value)
        + (r.Accepted.ContainsKey(c) ? Page.Of(c.Value, r.Accepted[c].Update.Hex) : 0)
        + (r.Dropped.TryGetValue(c, out string? reason) ? Page.Of(c.Value, Page.Brief(reason)) : 0)
        + (r.LeftOut.TryGetValue(c, out var left) ? Page.Of(c.Value, Page.Brief(left.Reason)) : 0);

    /// <summary>A round without its clients.</summary>
    public static RoundView Summary(Round r, TimeSpan since) => new(
        r.Id.Number, r.Phase.ToString(), Page.Brief(r.Cause), [], r.Accepted.Count, r.Dropped.Count, r.Quorum,
        [], [], [], Text(r.Aggregate), Text(r.GlobalModel), Text(r.Adapter), r.InjectionLoss,
        r.Began.TryGetValue(Phase.Opened, out var opened) ? opened.ToUnixTimeMilliseconds() : 0, Times(r, since), InvitedCount: r.Invited.Length,
        Result: Page.Brief(RoundResult.Line(r)));

    private static FederationView Glance(Federation f) => new(
        f.Plan?.Id.Value ?? "", f.Phase.ToString(), f.Plan?.Seed ?? 0, f.Plan?.Strategy ?? "", f.Plan?.Method ?? "", f.Plan?.Rounds ?? 0,
        f.CommittedRounds, f.OpenRound?.Number ?? 0, [], f.Plan?.Quorum ?? 0, Text(f.GlobalModel), Text(f.Adapter), Page.Brief(f.Cause), f.Coordinator,
        f.Epoch, InvitedCount: f.Roster.Count, Removed: f.Removed,
        Since: f.Plan is null ? 0 : f.Since.ToUnixTimeMilliseconds(), Queued: f.Queue.Length, Paused: f.Paused);

    private static PhaseTime[] Times(Round r, TimeSpan since) =>
    [
        .. r.Began.Keys.Where(p => p is not (Phase.Committed or Phase.Failed)).Select(p => new PhaseTime(
            p.ToString(), (long)(r.Lasted.GetValueOrDefault(p) + (p == r.Phase ? r.Elapsed + since : TimeSpan.Zero)).TotalMilliseconds)),
    ];

    private static string Text(Digest? digest) => digest?.Hex ?? "";
}
