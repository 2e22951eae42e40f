using Akka.Event;
using FedKim.Audit;
using FedKim.Protocol.Messages;

namespace FedKim.Actors.Hospital.Plans;

/// <summary>Shows a site's people what it is asked to train for, takes their word, and says what follows from it.</summary>
/// <param name="acceptance">The node's file.</param>
/// <param name="folder">The folder of the rounds' folders.</param>
/// <param name="clock">The only source of time.</param>
/// <param name="log">The node's log.</param>
/// <param name="noted">Told of plans, for the audit log.</param>
internal sealed class PlanDesk(PlanAcceptance acceptance, string folder, TimeProvider clock, ILoggingAdapter log, Action<AuditEntry> noted)
{
    private readonly PlanBook _book = new(folder);
    private string _told = "";

    /// <summary>What the site does with an order. What cannot be read or written down now, nobody has said.</summary>
    public PlanVerdict Judge(SiteMessages.Train order)
    {
        try
        {
            var (record, isNew) = _book.See(SitePlan.Of(order), order.Weights, clock.GetUtcNow());
            var verdict = VerdictOn(record);
            if (isNew)
                Show(record, verdict);
            if (_book.Damage is { } damage)
                Warn(damage);
            return verdict;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Warn($"The plan of federation {order.Round.Federation} cannot be written down, and waits for that: {e.Message}");
            return PlanVerdict.Wait;
        }
    }

    /// <summary>Every plan, or why it cannot be told.</summary>
    public object All() => Try(() => new PlanMessages.Plans([.. _book.All.Select(View)]));

    /// <summary>The plan of a name, or why it cannot be told.</summary>
    public object Named(string name) => Try(() => _book.Named(name) is { } record ? View(record) : Unknown(name));

    /// <summary>Takes a person's word.</summary>
    /// <returns>The plan, or why the word was not taken.</returns>
    public object Take(PlanMessages.Say said) => Try(() =>
    {
        if (_book.Named(said.Name) is not { } record)
            return Unknown(said.Name);
        var now = _book.Say(record, said.Word, said.Reason, clock.GetUtcNow());
        if (said.Word == PlanWord.Approved && VerdictOn(now) != PlanVerdict.Train)
        {
            return new PlanMessages.Unsaid(
                $"It is approved, and fedkim.hospital.accept is listed: name {record.Plan.Federation} in fedkim.hospital.plans of this node's file, and start the node again.");
        }
        return View(now);
    });

    private static PlanMessages.Unsaid Unknown(string name) => new($"This site was asked for no plan {name}. 'plan list' tells for which it was.");

    private PlanVerdict VerdictOn(PlanRecord record) =>
        PlanRules.Decide(acceptance, record.Plan.Federation, record.Digest, record.Word, _book.Damage is null);

    private PlanView View(PlanRecord r) => new(
        r.Plan.Federation, r.Digest, VerdictOn(r), r.Word, r.Seen, r.AskedBy, r.Said, r.Reason, r.Plan.Seed, r.Plan.Strategy, r.Plan.Learning);

    private void Show(PlanRecord record, PlanVerdict verdict)
    {
        string follows = verdict switch
        {
            PlanVerdict.Train => "this site trains for it",
            PlanVerdict.Wait => $"it waits for this site's word: pbm plan show --plan {record.Plan.Federation}, and then plan approve or plan refuse",
            _ => "this site refuses it",
        };
        log.Info("{Server} asks for a plan of federation {Federation} that was not seen here before, {Digest}: {Follows}",
            record.AskedBy, record.Plan.Federation, record.Digest[..12], follows);
        noted(new AuditEntry(AuditKind.Asked, AuditMatter.Plan) { Federation = record.Plan.Federation, Digest = record.Digest, Detail = $"asked by {record.AskedBy}: {follows}" });
    }

    // Said once, until it is something else.
    private void Warn(string problem)
    {
        if (problem != _told)
            log.Warning("{Problem}", problem);
        _told = problem;
    }

    private object Try(Func<object> answer)
    {
        try
        {
            return answer();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new PlanMessages.Unsaid($"What was said of plans here cannot be read or written now: {e.Message}");
        }
    }
}
