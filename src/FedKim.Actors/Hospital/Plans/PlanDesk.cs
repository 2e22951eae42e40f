using Akka.Event;
using FedKim.Actors.Links;
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
    // New plans at once, and within how long: whoever sends more of them fills neither the list nor the logs.
    private const int MostNew = 10;
    private static readonly TimeSpan NewWithin = TimeSpan.FromSeconds(10);

    private readonly PlanBook _book = new(folder);
    private readonly Queue<long> _new = new();
    private string _told = "";
    private ServerMet? _server;

    /// <summary>Says what in the node's file is hardly what was meant.</summary>
    public void Look()
    {
        foreach (string begun in acceptance.Begun)
            log.Warning("fedkim.hospital.plans of this node's file names {Begun}, which counts as a federation's name. If it is the beginning of a plan's digest, write all {Digits} digits: pbm plan show", begun, PlanDigits.All);
    }

    /// <summary>Whether an order's text is the address of a server's weights.</summary>
    public static bool IsAddress(string weights) =>
        weights.Length <= 300 && !weights.Any(char.IsControl) && Uri.TryCreate(weights, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";

    /// <summary>From now on this server asks.</summary>
    public void Met(ServerMet server) => _server = server;

    /// <summary>What the site does with an order. What was said before and cannot be read now, nobody knows: it waits.</summary>
    public PlanVerdict Judge(SiteMessages.Train order)
    {
        try
        {
            var (plan, now) = (SitePlan.Of(order), clock.GetUtcNow());
            if (_new.Count == MostNew && clock.GetElapsedTime(_new.Peek()) < NewWithin && _book.Of(plan.Digest()) is null)
            {
                Warn($"More than {MostNew} plans that were not seen before came within {NewWithin.TotalSeconds} s, the latest of federation {plan.Federation}: it waits");
                return PlanVerdict.Wait;
            }
            var (record, isNew) = _book.See(plan, AskedBy(order), now);
            var verdict = VerdictOn(record);
            if (isNew)
            {
                _new.Enqueue(clock.GetTimestamp());
                if (_new.Count > MostNew)
                    _new.Dequeue();
                Show(record, verdict);
            }
            if (_book.Damage is { } damage)
                Warn(damage);
            return verdict;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Warn($"The plan of federation {order.Round.Federation} cannot be written down: {e.Message}");
            return Unwritten(SitePlan.Of(order));
        }
    }

    /// <summary>Every plan, or why it cannot be told.</summary>
    public object All() => Try(() => new PlanMessages.Plans([.. _book.All.Select(View)]));

    /// <summary>The plan of a digest, or else the latest of a federation's name, or why it cannot be told.</summary>
    public object Named(string name) => Try(() => _book.Beginning(name) switch
    {
        [var one] => View(one),
        { IsEmpty: false } more => Ambiguous(name, more),
        _ => !PlanDigits.AreWhole(name) && _book.Latest(name) is { } latest ? View(latest) : Unknown(name),
    });

    /// <summary>Whether all that was asked of a federation here is trained for; of what was never asked, whether it would be.</summary>
    /// <param name="federation">Its name; null where none is known.</param>
    public bool TrainsFor(string? federation)
    {
        try
        {
            var known = _book.All.FindAll(r => r.Plan.Federation == federation);
            return known.IsEmpty ? acceptance.Plans == AcceptedPlans.Certified : known.TrueForAll(r => VerdictOn(r) == PlanVerdict.Train);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Takes a person's word on the plan of a digest. A name is not enough: a server may have sent another plan under it since one was shown.</summary>
    /// <returns>The plan, or why the word was not taken.</returns>
    public object Take(PlanMessages.Say said) => Try(() =>
    {
        return _book.Beginning(said.Plan) switch
        {
            [var one] => View(_book.Say(one, said.Word, said.Reason, clock.GetUtcNow())),
            { IsEmpty: false } more => Ambiguous(said.Plan, more),
            _ when !PlanDigits.AreWhole(said.Plan) && _book.All.Count(r => r.Plan.Federation == said.Plan) is > 0 and var count => new PlanMessages.Unsaid(
                $"A word is said of one plan, by its digest, and {said.Plan} is the name of a federation, of which {(count == 1 ? "1 plan was" : $"{count} plans were")} asked for here: 'plan show' ends with the line that approves what it shows."),
            _ => Unknown(said.Plan),
        };
    });

    private static PlanMessages.Unsaid Unknown(string name) => new($"This site was asked for no plan {name}. 'plan list' tells for which it was.");

    private static PlanMessages.Unsaid Ambiguous(string digits, IReadOnlyCollection<PlanRecord> plans) =>
        new($"The digests of {plans.Count} plans begin with {digits}: write all {PlanDigits.All} digits, which 'plan show' tells.");

    // The list is for people; what is decided by the node's file and by what they said before does not need the plan on it.
    private PlanVerdict Unwritten(SitePlan plan)
    {
        try
        {
            string digest = plan.Digest();
            return PlanRules.Decide(acceptance, plan.Federation, digest, _book.Of(digest)?.Word ?? PlanWord.None, _book.Damage is null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return PlanVerdict.Wait;
        }
    }

    // Whom the link's certificate names, where there is a link; an address is only what the order says.
    private string AskedBy(SiteMessages.Train order) => _server is { } known ? $"{known.Server} at {known.Door}" : new Uri(order.Weights).AbsoluteUri;

    private PlanVerdict VerdictOn(PlanRecord record) =>
        PlanRules.Decide(acceptance, record.Plan.Federation, record.Digest, record.Word, _book.Damage is null);

    private PlanView View(PlanRecord r) => new(
        r.Plan.Federation, r.Digest, VerdictOn(r), r.Word, r.Seen, r.AskedBy, r.Said, r.Reason, r.Plan.Seed, r.Plan.Strategy, r.Plan.Learning);

    private void Show(PlanRecord record, PlanVerdict verdict)
    {
        string follows = verdict switch
        {
            PlanVerdict.Train => "this site trains for it",
            PlanVerdict.Wait => $"it waits for this site's word: pbm plan show --plan {record.Digest[..PlanDigits.Least]}, and then plan approve or plan refuse",
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
