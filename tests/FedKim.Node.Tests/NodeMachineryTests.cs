using Akka.Actor;
using FedKim.Audit;
using FedKim.Commands;
using FedKim.Commands.Host;
using FedKim.Node.Hosting;
using Serilog.Core;
using Serilog.Events;

namespace FedKim.Node.Tests;

/// <summary>What a node runs on: who may change it, and what is noted of that.</summary>
public sealed class NodeMachineryTests
{
    private readonly List<AuditEntry> _noted = [];
    private readonly LoggingLevelSwitch _level = new(LogEventLevel.Information);

    [Theory]
    [InlineData("debug", LogEventLevel.Debug)]
    [InlineData("info", LogEventLevel.Information)]
    [InlineData("warning", LogEventLevel.Warning)]
    [InlineData("error", LogEventLevel.Error)]
    public void The_level_of_the_log_is_changed_and_that_is_noted(string name, LogEventLevel level)
    {
        var machinery = Machinery();
        machinery.SetLogLevel(name);

        Assert.Equal((level, name), (_level.MinimumLevel, machinery.LogLevel));
        var entry = Assert.Single(_noted);
        Assert.Equal((AuditKind.Changed, $"tell {name} in the log"), (entry.Kind, entry.Detail));
    }

    [Fact]
    public async Task Whoever_may_only_look_changes_nothing()
    {
        await Task.Run(() =>
        {
            new Caller("watcher", IsObeyed: true) { IsHere = false, MayChange = false }.Asks();
            var refused = Assert.Throws<CommandException>(() => Machinery().SetLogLevel("debug"));
            Assert.Equal("watcher may look, and change nothing: that takes an operator's certificate.", refused.Message);
        }, TestContext.Current.CancellationToken);

        Assert.Equal(LogEventLevel.Information, _level.MinimumLevel);
        Assert.Equal(AuditOutcome.Refused, Assert.Single(_noted).Outcome);
    }

    [Fact]
    public void A_node_in_no_cluster_sends_nobody_away() => Assert.Throws<CommandException>(() => Machinery().PutOut("127.0.0.1:9100"));

    [Fact]
    public async Task Actors_are_told_each_followed_by_those_below_it()
    {
        using var system = ActorSystem.Create("test");
        var parent = system.ActorOf(Props.Create(() => new Parent()), "parent");
        await parent.Ask<string>("child", TimeSpan.FromSeconds(30));
        var machinery = Machinery(() => system);

        Assert.Equal([("/user", 1), ("/user/parent", 1), ("/user/parent/child", 0)], machinery.Actors(10).Select(place => (place.Path, place.Below)));
        Assert.Equal(2, machinery.Actors(2).Count);
    }

    private NodeMachinery Machinery(Func<ActorSystem?>? system = null) => new(null, system ?? (() => null), () => null, _level, _noted.Add);

    private sealed class Parent : ReceiveActor
    {
        public Parent() => Receive<string>(name =>
        {
            Context.ActorOf(Props.Create(() => new Parent()), name);
            Sender.Tell(name);
        });
    }
}
