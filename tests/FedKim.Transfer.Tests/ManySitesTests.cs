using System.Collections.Immutable;
using System.Security.Cryptography;
using FedKim.Rounds;
using FedKim.Testing;

namespace FedKim.Transfer.Tests;

/// <summary>Whether a site may bring its update is as much work however many others have.</summary>
public sealed class ManySitesTests
{
    [Fact]
    public void Whether_an_update_is_taken_is_as_much_work_however_many_count()
    {
        using var folder = new TemporaryFolder();
        Assert.InRange(Growth.OfFourTimes(2000, count =>
        {
            ImmutableArray<ClientId> sites = [.. Enumerable.Range(1, count).Select(i => new ClientId($"site-{i:00000}"))];
            var owners = new UpdateOwners(folder.Path);
            var roster = Roster.Of(sites);
            var round = new Round(new RoundId(new FederationId("demo"), 1)) { Exists = true, Phase = Phase.Training, Invited = sites };
            for (int i = 0; i < count; i++)
            {
                var update = Digest.Of(SHA256.HashData(BitConverter.GetBytes(i)));
                owners.Admit(round, roster);
                Assert.Null(owners.Refusal(sites[i], update));
                owners.Look(sites[i], update);
                round = RoundRules.Apply(round, new RoundEvents.ContributionAccepted(sites[i], update, SampleCounts.None, 0, DateTimeOffset.UnixEpoch));
                owners.Admit(round, roster);
                Assert.NotNull(owners.Refusal(sites[(i + 1) % count], update));
            }
        }), 1, Growth.MostForFourTimes);
    }
}
