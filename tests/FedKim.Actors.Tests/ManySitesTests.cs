using System.Collections.Immutable;
using FedKim.Actors.Server;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Testing;

namespace FedKim.Actors.Tests;

/// <summary>What a server does for one site does not grow with how many others there are.</summary>
public sealed class ManySitesTests
{
    private static readonly RoundId Id = new(new FederationId("demo"), 1);

    [Fact]
    public void Who_is_asked_is_told_once_however_often_the_round_moves_on() => Assert.InRange(Growth.OfFourTimes(2000, count =>
    {
        ImmutableArray<ClientId> sites = [.. Enumerable.Range(1, count).Select(i => new ClientId($"site-{i:00000}"))];
        var round = new Round(Id) { Exists = true, Phase = Phase.Training, Invited = sites };
        var (asked, train) = (new AskedSites(), new SiteMessages.Train(Id, 1, "fedavg", "{}", default, "http://127.0.0.1:1", 1));
        Assert.Equal(sites, asked.Ask(train, round));
        for (int i = 0; i < count; i++)
        {
            Assert.True(asked.Asks(sites[i]));
            round = RoundRules.Apply(round, new RoundEvents.ClientDropped(sites[i], "no data", DateTimeOffset.UnixEpoch));
            Assert.Empty(asked.Ask(train, round));
            Assert.False(asked.Asks(sites[i]));
        }
    }), 1, Growth.MostForFourTimes);

    [Fact]
    public void Whom_a_round_asks_when_it_is_tried_again_is_told_though_it_was_dropped_before()
    {
        ClientId a = new("hospital-a"), b = new("hospital-b");
        var (asked, train) = (new AskedSites(), new SiteMessages.Train(Id, 1, "fedavg", "{}", default, "http://127.0.0.1:1", 1));
        var round = new Round(Id) { Exists = true, Phase = Phase.Training, Invited = [a, b] };
        asked.Ask(train, round);
        asked.Ask(train, RoundRules.Apply(round, new RoundEvents.ClientDropped(a, "no data", DateTimeOffset.UnixEpoch)));
        Assert.Equal<ClientId>([a], asked.Ask(train, round with { Reopenings = 1 }));

        // A lost update is asked for of its site alone, and the others are not asked any more.
        Assert.Empty(asked.Ask(train, ImmutableDictionary<ClientId, Digest>.Empty.Add(b, default)));
        Assert.Equal((false, true), (asked.Asks(a), asked.Asks(b)));
    }
}
