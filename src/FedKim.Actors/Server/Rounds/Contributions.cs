using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Rounds;

/// <summary>
/// Looks at the contributions that arrive for a round before they count, each once and on the threads for files. Decides nothing: says what
/// there is to decide.
/// </summary>
internal sealed class Contributions(FederationPlan plan, ServerContext server, IActorContext context, ITimerScheduler timers, ILoggingAdapter log)
{
    private const string Examining = "examining";

    // Those that come together are stored together; nobody waits longer than this for the others.
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(30);

    private readonly HashSet<ClientId> _checking = [];
    private readonly Dictionary<ClientId, (Checked Look, IActorRef Site)> _seen = [];
    private bool _due;

    /// <summary>Whether one is looked at now, or waits to be decided on: it arrived in time.</summary>
    public bool AnyArrived => _checking.Count > 0 || _seen.Count > 0;

    /// <summary>Whether that of a site is.</summary>
    public bool LooksAt(ClientId site) => _checking.Contains(site) || _seen.ContainsKey(site);

    /// <summary>Answers a contribution, or looks at it: the actor gets <see cref="Checked"/> then, from its site.</summary>
    public void Check(SiteMessages.Contribute m, Round round, IActorRef site)
    {
        if (round.Phase != Phase.Training || !round.Misses(m.Client))
            site.Tell(Answer(round, m.Client, m.Update));
        else if (!server.Holds([round.StartModel]))
            log.Debug("Round {Round}: {Client} says it again once model {Model} is here to compare with", m.Round, m.Client, round.StartModel.Short);
        else if (server.HasUpdate(round.Id, m.Update) is not { } here)
            log.Debug("Round {Round}: {Client} says it again once the spool can be read", m.Round, m.Client);
        else if (!here)
            site.Tell(new SiteMessages.SendAgain(m.Round, m.Update));
        else if (!_seen.ContainsKey(m.Client) && _checking.Add(m.Client))
            Examine(m, round).PipeTo(context.Self, site);
    }

    /// <summary>A contribution was looked at; it is decided on together with others that are looked at now: the actor gets <see cref="Gathered"/> then.</summary>
    public void Gather(Checked look, IActorRef site)
    {
        _checking.Remove(look.Contribution.Client);
        _seen[look.Contribution.Client] = (look, site);
        // Behind what waits in the mailbox.
        if (_due)
            return;
        _due = _checking.Count == 0;
        if (_due)
            context.Self.Tell(new Gathered());
        else if (!timers.IsTimerActive(nameof(Gathered)))
            timers.StartSingleTimer(nameof(Gathered), new Gathered(), Together);
    }

    /// <summary>What there is to decide on those that were gathered, and whom to answer then, in the order of the sites.</summary>
    public ImmutableArray<Judged> Judge(Round round)
    {
        timers.Cancel(nameof(Gathered));
        _due = false;
        var judged = ImmutableArray.CreateBuilder<Judged>();
        foreach (var (look, site) in _seen.Values.OrderBy(s => s.Look.Contribution.Client))
        {
            if (Judge(look, round, site) is { } command)
                judged.Add(new Judged(command, look.Contribution, site));
        }

        _seen.Clear();
        return judged.DrainToImmutable();
    }

    /// <summary>Answers those that were decided on.</summary>
    public static void Answer(Round round, ImmutableArray<Judged> judged)
    {
        foreach (var (_, said, site) in judged)
            site.Tell(Answer(round, said.Client, said.Update));
    }

    // Null where there is nothing to decide: what lacks now is asked for, and the site says it again.
    private IRoundCommand? Judge(Checked look, Round round, IActorRef site)
    {
        var m = look.Contribution;
        switch (look)
        {
            case { Broke: DamagedException damage } when damage.Digest == m.Update:
                log.Warning("Round {Round}: update {Update} of {Client} is damaged on the disk of server {Node}; the site sends it again", m.Round, m.Update.Short, m.Client, server.Node);
                server.Spool.Open(round.Id).Lose(m.Update);
                site.Tell(new SiteMessages.SendAgain(m.Round, m.Update));
                return null;
            case { Broke: DamagedException damage }:
                server.Store.Lose(damage.Digest);
                return null;
            case { Broke: { } broke }:
                if (server.Spool.Health.Met(Examining, broke) is null)
                    log.Error("Round {Round}: update {Update} of {Client} cannot be examined here: {Problem}", m.Round, m.Update.Short, m.Client, broke.Message);
                return null;
            case { Fault: { } fault }:
                return new RoundCommands.Drop(m.Client, $"update {m.Update.Short} of {m.Client} refused: {fault}");
            default:
                return new RoundCommands.Contribute(m.Client, m.Update, look.Samples, m.Loss, m.Data);
        }
    }

    /// <summary>What a site hears of its contribution as the round stands.</summary>
    /// <param name="round">The round.</param>
    /// <param name="client">The site.</param>
    /// <param name="update">Its update; null when it said that it has none.</param>
    public static SiteMessages.Answered Answer(Round round, ClientId client, Digest? update)
    {
        string reason = round.Accepted.TryGetValue(client, out var accepted)
            ? accepted.Update == update ? "" : $"another update of this site, {accepted.Update.Short}, counts already"
            : round.Dropped.TryGetValue(client, out string? dropped) ? dropped
            : round.Invites(client) ? "the round's collection is closed"
            : "this site was not invited";
        return new SiteMessages.Answered(round.Id, client, reason.Length == 0, reason);
    }

    private async Task<Checked> Examine(SiteMessages.Contribute m, Round round)
    {
        SampleCounts samples;
        try
        {
            samples = TaskSamples.Counts(m.Samples);
        }
        catch (ArgumentException e)
        {
            return new Checked(m, SampleCounts.None, e.Message, null);
        }

        try
        {
            var (global, spool) = (server.Store.Get(round.StartModel), server.Spool.Open(round.Id));
            spool.Look(m.Client, m.Update);
            // Digests are told to all; whoever names another's update has none.
            if (spool.WhoseIs(m.Update) is { } owner && owner != m.Client)
                return new Checked(m, samples, "another site has brought it", null);
            var files = context.System.Dispatchers.Lookup(Threads.Files);
            string? refusal = await files.Run(() => UpdateCheck.Refusal(
                global, () => spool.Read(m.Update, onTheWay: false), samples, plan.Parts, plan.MaxNorm, spool.NonFinite(m.Update)));
            server.Spool.Health.Well(Examining);
            return new Checked(m, samples, refusal, null);
        }
        catch (Exception e)
        {
            // The update was checked when it arrived: what cannot be read now is the server's own. The site says it again in a moment.
            return new Checked(m, samples, null, e);
        }
    }

    /// <summary>Those that were gathered are to be decided on.</summary>
    internal sealed record Gathered : INoSerializationVerificationNeeded;

    /// <param name="Command">What there is to decide.</param>
    /// <param name="Said">What the site said.</param>
    /// <param name="Site">Who is answered.</param>
    internal sealed record Judged(IRoundCommand Command, SiteMessages.Contribute Said, IActorRef Site);

    /// <param name="Contribution">What was looked at.</param>
    /// <param name="Samples">What it counts.</param>
    /// <param name="Fault">What is wrong with it; null for nothing.</param>
    /// <param name="Broke">Why it could not be looked at; null when it could.</param>
    internal sealed record Checked(SiteMessages.Contribute Contribution, SampleCounts Samples, string? Fault, Exception? Broke) : INoSerializationVerificationNeeded;
}
