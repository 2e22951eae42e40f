using Akka.Actor;
using Akka.Configuration;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Tests;

public sealed class WeightKeeperTests : PatientKit
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-").FullName;
    private readonly WeightStore _store;
    private readonly Digest _model;
    private readonly IActorRef _keeper;

    public WeightKeeperTests() : base(ConfigurationFactory.ParseString(Fragments.Text("dispatchers.conf")))
    {
        _store = new WeightStore(Path.Combine(_folder, "weights"));
        string file = Path.Combine(_folder, "model");
        File.WriteAllBytes(file, [1, 2, 3]);
        _model = Digests.OfFile(file);
        _store.Import(new WeightFile(file, _model));
        var spool = new Spool(Path.Combine(_folder, "spool"));
        _keeper = Sys.ActorOf(Props.Create(() => new WeightKeeper("server-1", _store, spool, WeightRoute.Plain, TestActor)));
    }

    [Fact]
    public async Task A_server_drops_what_the_coordinator_elsewhere_does_not_need()
    {
        _keeper.Tell(new WeightMessages.Superfluous(["demo/1"], [_model.Hex], "server-2", 3));
        await AwaitAssertAsync(() => Assert.False(_store.Has(_model)));
    }

    [Theory]
    [InlineData("server-1", 3)]
    [InlineData("server-2", 1)]
    public async Task A_server_that_leads_keeps_what_it_holds_whatever_was_said_before(string coordinator, int epoch)
    {
        _keeper.Tell(new WeightKeeper.Lead(2));
        _keeper.Tell(new WeightMessages.Superfluous(["demo/1"], [_model.Hex], coordinator, epoch));
        // It asks again after both were heard.
        await FishForMessageAsync(m => m is WeightMessages.GetSuperfluous, TimeSpan.FromSeconds(30));
        await FishForMessageAsync(m => m is WeightMessages.GetSuperfluous, TimeSpan.FromSeconds(30));
        Assert.True(_store.Has(_model));
    }

    [Fact]
    public async Task What_a_node_could_not_give_is_tried_again_whatever_kept_it()
    {
        int asked = 0;
        Func<HttpMessageHandler> broken = () => throw new UnauthorizedAccessException($"Access to the path '/srv/{asked++}' is denied.");
        var keeper = Sys.ActorOf(Props.Create(() => new WeightKeeper("site", _store, null, new WeightRoute(broken), TestActor)));
        await AwaitAssertAsync(() =>
        {
            keeper.Tell(new WeightMessages.Wanted(_model, "http://127.0.0.1:9"));
            Assert.True(asked > 1, $"asked {asked} times");
        });
    }

    [Fact]
    public async Task A_server_keeps_what_is_still_needed()
    {
        _keeper.Tell(new WeightMessages.Superfluous(["demo/1"], [], "server-2", 3));
        await FishForMessageAsync(m => m is WeightMessages.GetSuperfluous, TimeSpan.FromSeconds(30));
        await FishForMessageAsync(m => m is WeightMessages.GetSuperfluous, TimeSpan.FromSeconds(30));
        Assert.True(_store.Has(_model));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Directory.Delete(_folder, recursive: true);
    }
}
