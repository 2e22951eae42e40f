using CsCheck;
using static FedKim.Rounds.RoundCommands;

namespace FedKim.Rounds.Tests;

/// <summary>An opening of a round and what is said to it, in any order: doubles, strangers and wrong phases included.</summary>
/// <param name="Open">Up to five invited sites; the quorum lies between 1 and one too many.</param>
/// <param name="Commands">What is said; the opening may be among them.</param>
internal sealed record Scenario(Open Open, IRoundCommand[] Commands)
{
    private static readonly ClientId[] Sites = [.. Enumerable.Range(0, 5).Select(i => new ClientId($"site-{(char)('a' + i)}"))];

    private static readonly Gen<ClientId> Client = Gen.OneOf<ClientId>([.. Sites, Given.Stranger]);

    private static readonly Gen<Digest> Digest = Gen.Int[1, 5].Select(Given.Digest);

    private static readonly Gen<SampleCounts> Samples =
        Gen.Long[0, 1000].Array[3].Select(n => SampleCounts.Of(new[] { ("ecg", n[0]), ("mortality", n[1]), ("opacity", n[2]) }.Where(t => t.Item2 > 0)));

    private static readonly Gen<double> Loss = Gen.OneOf<double>(Gen.Double[0, 10], Gen.Const(double.NaN));

    private static readonly Gen<string> Reason = Gen.OneOf("no ECG data", "the update holds NaN", "disk full");

    private static Gen<IRoundCommand> Command(Open open) => Gen.Frequency(
        (10, Gen.Bool.Select(paused => (IRoundCommand)(open with { Paused = paused }))),
        (40, Gen.Select(Client, Digest, Samples, Loss, (c, u, s, l) => (IRoundCommand)new Contribute(c, u, s, l))),
        (5, Gen.Int[0, 4].Select(e => (IRoundCommand)new TakeOver(e, $"server-{e}"))),
        (15, Gen.Select(Client, Reason, (c, r) => (IRoundCommand)new Drop(c, r))),
        (10, Gen.Enum<Phase>().Select(p => (IRoundCommand)new PassDeadline(p))),
        (15, Digest.Select(a => (IRoundCommand)new RecordAggregate(a))),
        (10, Gen.Select(Digest, Digest, Digest, Loss, (s, m, a, l) => (IRoundCommand)new RecordInjection(s, m, a, l))),
        (30, Gen.Select(Digest, Gen.Int[0, 4], Reason, (s, n, r) => (IRoundCommand)new RecordInjectionFailure(s, n, r))),
        (15, Gen.Const<IRoundCommand>(new RecordPublication())),
        (1, Reason.Select(r => (IRoundCommand)new Abandon(r))));

    public static readonly Gen<Scenario> Any =
        from sites in Gen.Int[0, 5]
        from quorum in Gen.Int[1, sites + 1]
        from moments in Gen.OneOf(Gen.Const((Digest?)null), Digest.Select(d => (Digest?)d))
        let open = Given.Open(quorum, [.. Sites.Take(sites)]) with { Moments = moments }
        from commands in Command(open).Array[0, 40]
        select new Scenario(open, commands);

    /// <summary>The opening first, then everything else.</summary>
    public IRoundCommand[] Opened => [Open, .. Commands];

    /// <summary>The opening as it is said again when this command is being carried out: whether the round is paused stands in another journal.</summary>
    public Open OpenAt(int command) => Open with { Paused = Opened.Take(command + 1).OfType<Open>().Last().Paused };

    public override string ToString() => string.Join("\n", Opened.Select(Contents.Of));
}
