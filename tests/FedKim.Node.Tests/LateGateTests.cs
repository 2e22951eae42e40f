using System.Net;
using System.Threading.Channels;
using Akka.Actor;
using FedKim.Actors.Links;
using FedKim.Node.Links;
using FedKim.Protocol.Framed;
using FedKim.Testing;
using FedKim.Transfer;

namespace FedKim.Node.Tests;

/// <summary>A gate that is opened for a line on which nobody is any more ends at once.</summary>
public sealed class LateGateTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_gate_that_opens_after_its_line_was_given_up_is_ended(bool leaves)
    {
        using var folder = new TemporaryFolder();
        using var system = ActorSystem.Create("server", "akka { loglevel = OFF, stdout-loglevel = OFF }");
        var gates = new Ear(system);
        await using var server = await WeightServer.StartAsync(
            new WeightStore(Path.Combine(folder.Path, "weights")), new Spool(Path.Combine(folder.Path, "spool")), new IPEndPoint(IPAddress.Loopback, 0),
            guest: new LinkDoor("server", LinkPeer.ByHeader, () => gates.Ref, TimeProvider.System).AsGuest());
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var line = new LinkDialer("hospital-a", new Reach()).DialAsync($"127.0.0.1:{server.Address.Port}", Channel.CreateUnbounded<SiteFrame>().Reader, _ => { }, end.Token);
        var (_, asker) = await gates.HearsFrom<Gates.Open>();
        // Either the site leaves, or the server has no patience any more and says so.
        if (leaves)
            await end.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => line);
        var gate = new Ear(system).Ref;

        asker.Tell(new Gates.Opened(gate));

        await gate.WatchAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
