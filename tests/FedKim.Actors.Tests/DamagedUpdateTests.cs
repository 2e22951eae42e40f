using FedKim.Protocol.Messages;

namespace FedKim.Actors.Tests;

/// <summary>Updates that a disk changes, at the server or at their site, change no result and cost no site its place.</summary>
public sealed class DamagedUpdateTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_accepted_update_that_the_servers_disk_damaged_is_sent_again_and_not_trained_again(bool serverDies)
    {
        await using var held = await TwoOfThree.Begin();

        if (serverDies)
            await held.Federation.Crash("server");
        Damage.Flip(Updates(held.Federation)[0]);
        if (serverDies)
            await held.Federation.StartServer();

        await held.EndsAsUndisturbed(calls: 2);
    }

    [Fact]
    public async Task An_update_that_is_lost_at_the_server_and_in_its_sites_outbox_is_trained_again_with_the_same_bits()
    {
        await using var held = await TwoOfThree.Begin();

        string update = (await held.Federation.Ask<RoundView>(new FederationQueries.GetRound(1))).Accepted.Single(a => a.Client == "hospital-a").Digest;
        Damage.Flip(Path.Combine(held.Federation.ServerFolder, "spool", "rehearsal-1", update));
        Damage.Flip(Path.Combine(held.Federation.FolderOf("hospital-a"), "weights", update));

        await held.EndsAsUndisturbed(calls: 3);
    }

    private static string[] Updates(TestFederation federation) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(federation.ServerFolder, "spool", "rehearsal-1")).Where(f => Path.GetFileName(f).Length == 64)
            .Order(StringComparer.Ordinal),
    ];
}
