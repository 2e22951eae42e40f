using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>A site that was away does what is asked for now.</summary>
public sealed class AbsentSiteTests
{
    private static readonly string[] Sites = ["hospital-a", "hospital-b", "hospital-c"];

    [Fact]
    public async Task A_site_that_was_away_for_whole_rounds_joins_the_current_one_and_its_outbox_is_cleared_at_each_commit()
    {
        var gate = new Gate();
        var next = new RoundId(new FederationId("next"), 1);
        await using var federation = await TestFederation.Start(Sites, f => f.Injection = () => new WaitingInjection(gate, next));
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        await federation.AwaitEnd();
        foreach (string site in Sites)
            await federation.Until(() => IsEmpty(Path.Combine(federation.FolderOf(site), "rounds")));

        // Away, with a finished update of a round that ends without it.
        await federation.Crash("hospital-c");
        string stale = Directory.CreateDirectory(Path.Combine(federation.FolderOf("hospital-c"), "rounds", "next-1")).FullName;
        File.WriteAllText(Path.Combine(stale, "update.safetensors"), "old");
        await federation.Submit(TestFederation.Plan(rounds: 2, quorum: 2, Sites) with { Id = next.Federation, Deadline = TimeSpan.FromSeconds(12) });
        await federation.Await<object>(new FederationQueries.GetRound(1), r => r is RoundView { Phase: "Injecting" });
        federation.StartHospital("hospital-c");
        await federation.Await<FederationQueries.Clients>(new FederationQueries.GetClients(), c => c.Items.All(i => i.Present));
        gate.Open();
        await federation.AwaitEnd();

        var (missed, joined) = (await federation.Ask<RoundView>(new FederationQueries.GetRound(1)), await federation.Ask<RoundView>(new FederationQueries.GetRound(2)));
        Assert.Equal(["hospital-a", "hospital-b"], missed.Accepted.Select(a => a.Client));
        Assert.Equal(Sites, joined.Accepted.Select(a => a.Client));
        await federation.Until(() => IsEmpty(Path.Combine(federation.FolderOf("hospital-c"), "rounds")));
    }

    private static bool IsEmpty(string folder) => !Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any();
}
