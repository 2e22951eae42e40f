using System.Collections.Immutable;
using static FedKim.Rounds.RoundCommands;

namespace FedKim.Rounds.Tests;

/// <summary>Names, digests and times for tests that do not care which.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Start = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static readonly ClientId A = new("hospital-a");
    public static readonly ClientId B = new("hospital-b");
    public static readonly ClientId C = new("hospital-c");
    public static readonly ClientId Stranger = new("stranger");

    public static Digest Digest(int number) => Rounds.Digest.Parse(number.ToString("x64"));

    public static Round Round(int number = 1) => new(new RoundId(new FederationId("demo"), number));

    public static Round Ended(string federation) => new(new RoundId(new FederationId(federation), 1))
    {
        Exists = true,
        Phase = Phase.Committed,
        Aggregate = Digest(10),
        GlobalModel = Digest(11),
        Adapter = Digest(12),
    };

    public static Open Open(int quorum, params ClientId[] invited) => new(Digest(1), Digest(2), null, [.. invited], quorum);

    public static Contribute Contribution(ClientId client, int update = 7) => new(client, Digest(update), SampleCounts.Of(("ecg", 10)), 0.5);

    public static FederationPlan Plan(string id = "demo", int rounds = 2) => new()
    {
        Id = new FederationId(id),
        Seed = 17,
        Rounds = rounds,
        Clients = [A, B, C],
        Quorum = 2,
        Deadline = TimeSpan.FromMinutes(5),
        Strategy = "fedavg",
        Weighting = "samples",
        Method = "fedkim",
        Parts = ImmutableSortedDictionary.Create<string, ImmutableArray<string>>(StringComparer.Ordinal).Add("encoder.signal", ["ecg"]),
        Learning = "{}",
    };
}
