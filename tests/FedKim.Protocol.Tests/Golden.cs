using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Protocol.Tests;

/// <summary>One example of every event, and the bytes it was stored as when it first came into the journal.</summary>
internal static class Golden
{
    private static readonly DateTimeOffset At = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(6_789_012);

    public static readonly ImmutableArray<object> Events =
    [
        new RoundEvents.Opened(Digest(0x11), Digest(0x22), null, [new ClientId("hospital-a"), new ClientId("hospital-ä")], 2, At),
        new RoundEvents.TakenOver(3, "server-2", At),
        new RoundEvents.TrainingStarted(At),
        new RoundEvents.ContributionAccepted(
            new ClientId("hospital-a"), Digest(0x33), SampleCounts.Of(("ecg", 17), ("opacity", 4_000_000_000)), 0.125, At),
        new RoundEvents.ClientDropped(new ClientId("hospital-b"), "no update before the deadline", At),
        new RoundEvents.CollectionClosed(At),
        new RoundEvents.AggregateComputed(Digest(0x44), At),
        new RoundEvents.InjectionFailed(2, "out of memory", At),
        new RoundEvents.Injected(Digest(0x55), Digest(0x66), 1.5, At),
        new RoundEvents.Committed(At),
        new RoundEvents.Failed("1 of 3 sites contributed, the quorum is 2.", At),
        new RoundEvents.Reopened(1, [new ClientId("hospital-a"), new ClientId("hospital-c")], At),
        new RoundEvents.Paused(At),
        new RoundEvents.Continued(At),
        new FederationEvents.TakenOver(3, "server-2", At),
        new FederationEvents.Submitted(
            new FederationPlan
            {
                Id = new FederationId("demo"),
                Seed = -17,
                Rounds = 3,
                Clients = [new ClientId("hospital-a"), new ClientId("hospital-b")],
                Quorum = 2,
                Deadline = TimeSpan.FromMinutes(5),
                Strategy = "fedprox",
                Weighting = "samples",
                Method = "fedkim",
                Parts = ImmutableSortedDictionary.Create<string, ImmutableArray<string>>(StringComparer.Ordinal)
                    .Add("encoder.image", ["pneumonia", "opacity"]).Add("encoder.signal", ["ecg"]),
                Learning = """{"epochs":1}""",
            },
            At),
        new FederationEvents.Queued(
            new FederationPlan
            {
                Id = new FederationId("next"),
                Seed = 5,
                Rounds = 1,
                Clients = [new ClientId("hospital-a")],
                Quorum = 1,
                Deadline = TimeSpan.FromMinutes(5),
                Strategy = "fedavg",
                Weighting = "samples",
                Method = "fedkim",
                Parts = ImmutableSortedDictionary.Create<string, ImmutableArray<string>>(StringComparer.Ordinal).Add("encoder.signal", ["ecg"]),
                Learning = """{"epochs":1}""",
                StartFrom = "demo",
            },
            At),
        new FederationEvents.QueueCancelled(new FederationId("next"), "taken from the queue by an operator", At),
        new FederationEvents.QueueFailed(new FederationId("next"), "start-from is demo, which ended before it had a model.", At),
        new FederationEvents.Initialized(Digest(0x77), Digest(0x88), At),
        new FederationEvents.RoundCommitted(3, Digest(0x99), Digest(0xaa), Digest(0xbb), At),
        new FederationEvents.Evaluated("""[{"task":"ecg"}]""", At),
        new FederationEvents.FederationFailed("Round 2 failed: hospital-b: disk full", At),
        new FederationEvents.FederationStopped("stopped by an operator", At),
        new FederationEvents.FederationResumed(new FederationId("demo"), At),
        new FederationEvents.FederationRemoved(new FederationId("demo"), At),
        new FederationEvents.FederationPaused(At),
        new FederationEvents.FederationContinued(At),
        new RosterEvents.SiteJoined(new ClientId("hospital-f"), At),
        new RosterEvents.SiteDrained(new ClientId("hospital-f"), At),
        new RosterEvents.SiteReturned(new ClientId("hospital-f"), At),
        new RosterEvents.SiteExcluded(new ClientId("hospital-f"), At),
    ];

    /// <summary>Events with fields that came later, and the files of their bytes.</summary>
    public static readonly ImmutableArray<(string File, object Event)> Later =
    [
        ("r.open.moments", Events.OfType<RoundEvents.Opened>().Single() with { Moments = Digest(0x77) }),
        ("r.open.leftout", Chosen(Events.OfType<RoundEvents.Opened>().Single())),
        ("r.reopen.invited", Others(Events.OfType<RoundEvents.Reopened>().Single())),
        ("r.accept.data", Events.OfType<RoundEvents.ContributionAccepted>().Single() with { Data = "3f0a<77ab" }),
        ("r.close.elapsed", Events.OfType<RoundEvents.CollectionClosed>().Single() with { Elapsed = TimeSpan.FromMilliseconds(7_243) }),
        ("f.submit.optimizer", Submitted(p => p with { Strategy = "fedadam", ServerOptimizer = new ServerOptimizer(0.01, 0.9, 0.99, 0.001) })),
        ("f.submit.limits", Submitted(p => p with
        {
            Limits = new WaitLimits(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5)),
        })),
        ("f.submit.opening", Submitted(p => p with { Limits = new WaitLimits(Opening: TimeSpan.FromDays(1)) })),
        ("f.submit.start", Submitted(p => p with { Retries = 3, StartFrom = "first" })),
        ("f.submit.anyone", Submitted(p => p with
        {
            Clients = [],
            Anyone = new OpenInvitation(3, 20),
            Selection = new Selection(0.5, ByData: true),
            SkipAfter = TimeSpan.FromMinutes(10),
            QuorumShare = 0.8,
        })),
        ("f.submit.injector", Submitted(p => p with { Injector = "injector-2" })),
        ("f.round.whose", Events.OfType<FederationEvents.RoundCommitted>().Single() with { Federation = new FederationId("demo") }),
        ("f.round.samples", Events.OfType<FederationEvents.RoundCommitted>().Single() with { Samples = [new SiteSamples(new ClientId("hospital-a"), 4_000_000_000)] }),
    ];

    /// <summary>The stored bytes as hexadecimal text; null when there are none.</summary>
    public static string? Stored(string file)
    {
        using var stream = typeof(Golden).Assembly.GetManifestResourceStream($"{file}.hex");
        return stream is null ? null : new StreamReader(stream).ReadToEnd().Trim();
    }

    private static FederationEvents.Submitted Submitted(Func<FederationPlan, FederationPlan> change)
    {
        var plain = Events.OfType<FederationEvents.Submitted>().Single();
        return plain with { Plan = change(plain.Plan) };
    }

    private static RoundEvents.Opened Chosen(RoundEvents.Opened e) => e with
    {
        LeftOut = [new LeftOut(new ClientId("hospital-b"), "silent for 12 min when the round opened", true), new LeftOut(new ClientId("hospital-c"), "not drawn", false)],
        Known = [new SiteSamples(new ClientId("hospital-a"), 17), new SiteSamples(new ClientId("hospital-b"), 4_000_000_000)],
        QuorumShare = 0.8,
    };

    private static RoundEvents.Reopened Others(RoundEvents.Reopened e) => e with
    {
        Invited = [new ClientId("hospital-a"), new ClientId("hospital-d")],
        LeftOut = [new LeftOut(new ClientId("hospital-b"), "silent for 12 min when the round opened", true)],
        Known = [new SiteSamples(new ClientId("hospital-a"), 17)],
    };

    private static Digest Digest(byte fill) => Rounds.Digest.Of([.. Enumerable.Repeat(fill, 32)]);
}
