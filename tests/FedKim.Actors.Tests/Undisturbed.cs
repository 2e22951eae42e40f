using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>What a plan ends with when nothing happens on the way: the same, whatever happens and wherever the journal is.</summary>
internal static class Undisturbed
{
    private static readonly Lazy<Task<FederationView>> Once = new(async () =>
    {
        await using var federation = await TestFederation.Start(Sites);
        await federation.Submit(Plan);
        return await federation.AwaitEnd();
    });

    /// <summary>The plan's hospitals.</summary>
    public static string[] Sites => ["hospital-a", "hospital-b", "hospital-c"];

    /// <summary>Two rounds in which every site counts.</summary>
    public static FederationPlan Plan => TestFederation.Plan(rounds: 2, quorum: 3, Sites);

    /// <summary>How it ends; run once for all tests.</summary>
    public static Task<FederationView> End => Once.Value;
}
