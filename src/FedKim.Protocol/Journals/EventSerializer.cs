using Akka.Actor;
using Akka.Serialization;
using FedKim.Rounds;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace FedKim.Protocol.Journals;

/// <summary>
/// The stored form of events: protobuf under a short manifest (journal.proto). A manifest is never renamed, a field number never used
/// again. An event or a manifest it does not know is an error, never something to skip.
/// </summary>
public sealed class EventSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Stands beside every event that it stored.</summary>
    public const int Id = 120;

    /// <inheritdoc/>
    public override int Identifier => Id;

    /// <inheritdoc/>
    public override string Manifest(object o) => o switch
    {
        RoundEvents.Opened => "r.open",
        RoundEvents.TakenOver => "r.lead",
        RoundEvents.TrainingStarted => "r.train",
        RoundEvents.ContributionAccepted => "r.accept",
        RoundEvents.ClientDropped => "r.drop",
        RoundEvents.CollectionClosed => "r.close",
        RoundEvents.AggregateComputed => "r.sum",
        RoundEvents.InjectionFailed => "r.broke",
        RoundEvents.Injected => "r.inject",
        RoundEvents.Committed => "r.commit",
        RoundEvents.Failed => "r.fail",
        RoundEvents.Reopened => "r.reopen",
        RoundEvents.Paused => "r.pause",
        RoundEvents.Continued => "r.continue",
        FederationEvents.TakenOver => "f.lead",
        FederationEvents.Submitted => "f.submit",
        FederationEvents.Queued => "f.queue",
        FederationEvents.QueueCancelled => "f.cancel",
        FederationEvents.QueueFailed => "f.unable",
        FederationEvents.Initialized => "f.init",
        FederationEvents.RoundCommitted => "f.round",
        FederationEvents.Evaluated => "f.eval",
        FederationEvents.FederationFailed => "f.fail",
        FederationEvents.FederationStopped => "f.stop",
        FederationEvents.FederationResumed => "f.resume",
        FederationEvents.FederationRemoved => "f.remove",
        FederationEvents.FederationPaused => "f.pause",
        FederationEvents.FederationContinued => "f.continue",
        RosterEvents.SiteJoined => "f.join",
        RosterEvents.SiteDrained => "f.drain",
        RosterEvents.SiteReturned => "f.return",
        RosterEvents.SiteExcluded => "f.exclude",
        _ => throw new ArgumentException($"{o.GetType()} has no stored form.", nameof(o)),
    };

    /// <inheritdoc/>
    public override byte[] ToBinary(object o) => o switch
    {
        TimedRoundEvent { Elapsed: { } elapsed } => [.. Store(o).ToByteArray(), .. new Stored.Timed { ElapsedMs = (long)elapsed.TotalMilliseconds }.ToByteArray()],
        FederationEvent { Federation: { } federation } => [.. Store(o).ToByteArray(), .. new Stored.Whose { Federation = federation.Value }.ToByteArray()],
        _ => Store(o).ToByteArray(),
    };

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => Read(bytes, manifest);

    /// <summary>The event that was stored so.</summary>
    /// <exception cref="ArgumentException">This version does not know the manifest.</exception>
    public static object Read(byte[] bytes, string manifest) => Load(bytes, manifest) switch
    {
        TimedRoundEvent e when Stored.Timed.Parser.ParseFrom(bytes) is { HasElapsedMs: true } timed => e with { Elapsed = TimeSpan.FromMilliseconds(timed.ElapsedMs) },
        FederationEvent e when Stored.Whose.Parser.ParseFrom(bytes) is { HasFederation: true } whose => e with { Federation = new FederationId(whose.Federation) },
        var e => e,
    };

    private static object Load(byte[] bytes, string manifest) => manifest switch
    {
        "r.open" => Load(Stored.Opened.Parser.ParseFrom(bytes)),
        "r.lead" => LoadRound(Stored.TakenOver.Parser.ParseFrom(bytes)),
        "r.train" => new RoundEvents.TrainingStarted(At(Stored.TrainingStarted.Parser.ParseFrom(bytes).At)),
        "r.accept" => Load(Stored.ContributionAccepted.Parser.ParseFrom(bytes)),
        "r.drop" => Load(Stored.ClientDropped.Parser.ParseFrom(bytes)),
        "r.close" => new RoundEvents.CollectionClosed(At(Stored.CollectionClosed.Parser.ParseFrom(bytes).At)),
        "r.sum" => Load(Stored.AggregateComputed.Parser.ParseFrom(bytes)),
        "r.broke" => Load(Stored.InjectionFailed.Parser.ParseFrom(bytes)),
        "r.inject" => Load(Stored.Injected.Parser.ParseFrom(bytes)),
        "r.commit" => new RoundEvents.Committed(At(Stored.Committed.Parser.ParseFrom(bytes).At)),
        "r.fail" => Load(Stored.Failed.Parser.ParseFrom(bytes)),
        "r.reopen" => Load(Stored.Reopened.Parser.ParseFrom(bytes)),
        "r.pause" => new RoundEvents.Paused(At(Stored.Paused.Parser.ParseFrom(bytes).At)),
        "r.continue" => new RoundEvents.Continued(At(Stored.Continued.Parser.ParseFrom(bytes).At)),
        "f.lead" => LoadFederation(Stored.TakenOver.Parser.ParseFrom(bytes)),
        "f.submit" => Stored.Submitted.Parser.ParseFrom(bytes) is var e ? new FederationEvents.Submitted(StoredPlan.Read(e.Plan), At(e.At)) : null!,
        "f.queue" => Stored.Queued.Parser.ParseFrom(bytes) is var e ? new FederationEvents.Queued(StoredPlan.Read(e.Plan), At(e.At)) : null!,
        "f.cancel" => Load(Stored.QueueCancelled.Parser.ParseFrom(bytes)),
        "f.unable" => Load(Stored.QueueFailed.Parser.ParseFrom(bytes)),
        "f.init" => Load(Stored.Initialized.Parser.ParseFrom(bytes)),
        "f.round" => Load(Stored.RoundCommitted.Parser.ParseFrom(bytes)),
        "f.eval" => Load(Stored.Evaluated.Parser.ParseFrom(bytes)),
        "f.fail" => Load(Stored.FederationFailed.Parser.ParseFrom(bytes)),
        "f.stop" => Load(Stored.FederationStopped.Parser.ParseFrom(bytes)),
        "f.resume" => Load(Stored.FederationResumed.Parser.ParseFrom(bytes)),
        "f.remove" => Load(Stored.FederationRemoved.Parser.ParseFrom(bytes)),
        "f.pause" => new FederationEvents.FederationPaused(At(Stored.Paused.Parser.ParseFrom(bytes).At)),
        "f.continue" => new FederationEvents.FederationContinued(At(Stored.Continued.Parser.ParseFrom(bytes).At)),
        "f.join" => Stored.SiteJoined.Parser.ParseFrom(bytes) is var e ? new RosterEvents.SiteJoined(new ClientId(e.Site), At(e.At)) : null!,
        "f.drain" => Stored.SiteDrained.Parser.ParseFrom(bytes) is var e ? new RosterEvents.SiteDrained(new ClientId(e.Site), At(e.At)) : null!,
        "f.return" => Stored.SiteReturned.Parser.ParseFrom(bytes) is var e ? new RosterEvents.SiteReturned(new ClientId(e.Site), At(e.At)) : null!,
        "f.exclude" => Stored.SiteExcluded.Parser.ParseFrom(bytes) is var e ? new RosterEvents.SiteExcluded(new ClientId(e.Site), At(e.At)) : null!,
        _ => throw new ArgumentException($"The journal holds an event '{manifest}' that this version does not know. Run the version that wrote it."),
    };

    private static IMessage Store(object o) => o switch
    {
        RoundEvents.Opened e => Store(e),
        RoundEvents.TakenOver e => new Stored.TakenOver { At = At(e.At), Epoch = e.Epoch, Node = e.Node },
        RoundEvents.TrainingStarted e => new Stored.TrainingStarted { At = At(e.At) },
        RoundEvents.ContributionAccepted e => new Stored.ContributionAccepted
        {
            At = At(e.At),
            Client = e.Client.Value,
            Update = e.Update.Hex,
            Samples = { e.Samples.ByTask.Select(s => new Stored.TaskCount { Task = s.Key, Samples = s.Value }) },
            Loss = e.Loss,
            Data = e.Data,
        },
        RoundEvents.ClientDropped e => new Stored.ClientDropped { At = At(e.At), Client = e.Client.Value, Reason = e.Reason },
        RoundEvents.CollectionClosed e => new Stored.CollectionClosed { At = At(e.At) },
        RoundEvents.AggregateComputed e => new Stored.AggregateComputed { At = At(e.At), Aggregate = e.Aggregate.Hex },
        RoundEvents.InjectionFailed e => new Stored.InjectionFailed { At = At(e.At), Attempt = e.Attempt, Reason = e.Reason },
        RoundEvents.Injected e => new Stored.Injected
        {
            At = At(e.At),
            GlobalModel = e.GlobalModel.Hex,
            Adapter = e.Adapter.Hex,
            Loss = e.Loss,
        },
        RoundEvents.Committed e => new Stored.Committed { At = At(e.At) },
        RoundEvents.Failed e => new Stored.Failed { At = At(e.At), Cause = e.Cause },
        RoundEvents.Reopened e => new Stored.Reopened
        {
            At = At(e.At),
            Attempt = e.Attempt,
            Kept = { e.Kept.Select(c => c.Value) },
            Invited = { e.Invited.Select(c => c.Value) },
            LeftOut = { e.LeftOut.Select(Store) },
            Known = { e.Known.Select(Store) },
        },
        RoundEvents.Paused e => new Stored.Paused { At = At(e.At) },
        RoundEvents.Continued e => new Stored.Continued { At = At(e.At) },
        FederationEvents.FederationPaused e => new Stored.Paused { At = At(e.At) },
        FederationEvents.FederationContinued e => new Stored.Continued { At = At(e.At) },
        FederationEvents.TakenOver e => new Stored.TakenOver { At = At(e.At), Epoch = e.Epoch, Node = e.Node },
        FederationEvents.Submitted e => new Stored.Submitted { At = At(e.At), Plan = StoredPlan.Of(e.Plan) },
        FederationEvents.Queued e => new Stored.Queued { At = At(e.At), Plan = StoredPlan.Of(e.Plan) },
        FederationEvents.QueueCancelled e => new Stored.QueueCancelled { At = At(e.At), Federation = e.Federation.Value, Cause = e.Cause },
        FederationEvents.QueueFailed e => new Stored.QueueFailed { At = At(e.At), Federation = e.Federation.Value, Cause = e.Cause },
        FederationEvents.Initialized e => new Stored.Initialized { At = At(e.At), GlobalModel = e.GlobalModel.Hex, Adapter = e.Adapter.Hex },
        FederationEvents.RoundCommitted e => new Stored.RoundCommitted
        {
            At = At(e.At),
            Number = e.Number,
            Aggregate = e.Aggregate.Hex,
            GlobalModel = e.GlobalModel.Hex,
            Adapter = e.Adapter.Hex,
            Samples = { e.Samples.Select(Store) },
        },
        RosterEvents.SiteJoined e => new Stored.SiteJoined { At = At(e.At), Site = e.Site.Value },
        RosterEvents.SiteDrained e => new Stored.SiteDrained { At = At(e.At), Site = e.Site.Value },
        RosterEvents.SiteReturned e => new Stored.SiteReturned { At = At(e.At), Site = e.Site.Value },
        RosterEvents.SiteExcluded e => new Stored.SiteExcluded { At = At(e.At), Site = e.Site.Value },
        FederationEvents.Evaluated e => new Stored.Evaluated { At = At(e.At), Evaluation = e.Evaluation },
        FederationEvents.FederationFailed e => new Stored.FederationFailed { At = At(e.At), Cause = e.Cause },
        FederationEvents.FederationStopped e => new Stored.FederationStopped { At = At(e.At), Cause = e.Cause },
        FederationEvents.FederationResumed e => new Stored.FederationResumed { At = At(e.At), Federation = e.Federation.Value },
        FederationEvents.FederationRemoved e => new Stored.FederationRemoved { At = At(e.At), Federation = e.Federation.Value },
        _ => throw new ArgumentException($"{o.GetType()} has no stored form.", nameof(o)),
    };

    private static Stored.Opened Store(RoundEvents.Opened e)
    {
        var stored = new Stored.Opened
        {
            At = At(e.At),
            GlobalModel = e.GlobalModel.Hex,
            Adapter = e.Adapter.Hex,
            Invited = { e.Invited.Select(c => c.Value) },
            Quorum = e.Quorum,
            LeftOut = { e.LeftOut.Select(Store) },
            Known = { e.Known.Select(Store) },
            QuorumShare = e.QuorumShare,
        };
        if (e.Moments is { } moments)
            stored.Moments = moments.Hex;
        return stored;
    }

    private static RoundEvents.Opened Load(Stored.Opened e) => new(
        Digest.Parse(e.GlobalModel), Digest.Parse(e.Adapter), e.HasMoments ? Digest.Parse(e.Moments) : null,
        [.. e.Invited.Select(c => new ClientId(c))], e.Quorum, At(e.At))
    {
        LeftOut = [.. e.LeftOut.Select(Load)],
        Known = [.. e.Known.Select(Load)],
        QuorumShare = e.QuorumShare,
    };

    private static Stored.LeftOut Store(LeftOut l) => new() { Site = l.Site.Value, Reason = l.Reason, Missed = l.IsMissed };

    private static LeftOut Load(Stored.LeftOut l) => new(new ClientId(l.Site), l.Reason, l.Missed);

    private static Stored.SiteSamples Store(SiteSamples s) => new() { Site = s.Site.Value, Samples = s.Samples };

    private static SiteSamples Load(Stored.SiteSamples s) => new(new ClientId(s.Site), s.Samples);

    private static RoundEvents.TakenOver LoadRound(Stored.TakenOver e) => new(e.Epoch, e.Node, At(e.At));

    private static FederationEvents.TakenOver LoadFederation(Stored.TakenOver e) => new(e.Epoch, e.Node, At(e.At));

    private static RoundEvents.ContributionAccepted Load(Stored.ContributionAccepted e) => new(
        new ClientId(e.Client), Digest.Parse(e.Update), SampleCounts.Of(e.Samples.Select(s => (s.Task, s.Samples))), e.Loss, At(e.At), e.Data);

    private static RoundEvents.ClientDropped Load(Stored.ClientDropped e) => new(new ClientId(e.Client), e.Reason, At(e.At));

    private static RoundEvents.AggregateComputed Load(Stored.AggregateComputed e) => new(Digest.Parse(e.Aggregate), At(e.At));

    private static RoundEvents.InjectionFailed Load(Stored.InjectionFailed e) => new(e.Attempt, e.Reason, At(e.At));

    private static RoundEvents.Injected Load(Stored.Injected e) => new(Digest.Parse(e.GlobalModel), Digest.Parse(e.Adapter), e.Loss, At(e.At));

    private static RoundEvents.Failed Load(Stored.Failed e) => new(e.Cause, At(e.At));

    private static RoundEvents.Reopened Load(Stored.Reopened e) => new(e.Attempt, [.. e.Kept.Select(c => new ClientId(c))], At(e.At))
    {
        Invited = [.. e.Invited.Select(c => new ClientId(c))],
        LeftOut = [.. e.LeftOut.Select(Load)],
        Known = [.. e.Known.Select(Load)],
    };

    private static FederationEvents.QueueCancelled Load(Stored.QueueCancelled e) => new(new FederationId(e.Federation), e.Cause, At(e.At));

    private static FederationEvents.QueueFailed Load(Stored.QueueFailed e) => new(new FederationId(e.Federation), e.Cause, At(e.At));

    private static FederationEvents.Initialized Load(Stored.Initialized e) => new(Digest.Parse(e.GlobalModel), Digest.Parse(e.Adapter), At(e.At));

    private static FederationEvents.RoundCommitted Load(Stored.RoundCommitted e) => new(
        e.Number, Digest.Parse(e.Aggregate), Digest.Parse(e.GlobalModel), Digest.Parse(e.Adapter), At(e.At))
    {
        Samples = [.. e.Samples.Select(Load)],
    };

    private static FederationEvents.Evaluated Load(Stored.Evaluated e) => new(e.Evaluation, At(e.At));

    private static FederationEvents.FederationFailed Load(Stored.FederationFailed e) => new(e.Cause, At(e.At));

    private static FederationEvents.FederationStopped Load(Stored.FederationStopped e) => new(e.Cause, At(e.At));

    private static FederationEvents.FederationResumed Load(Stored.FederationResumed e) => new(new FederationId(e.Federation), At(e.At));

    private static FederationEvents.FederationRemoved Load(Stored.FederationRemoved e) => new(new FederationId(e.Federation), At(e.At));

    private static Timestamp At(DateTimeOffset at) => Timestamp.FromDateTimeOffset(at);

    private static DateTimeOffset At(Timestamp at) => at.ToDateTimeOffset();
}
