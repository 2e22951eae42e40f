namespace FedKim.Transfer.Tests;

/// <summary>Many sites of one process, who use few connections one after another.</summary>
public sealed class SharedConnectionsTests
{
    [Fact]
    public async Task Who_waits_for_a_connection_of_its_own_node_takes_nobody_for_silent()
    {
        await using var plane = await Plane.StartAsync();
        byte[] bytes = Plane.Bytes(100_000, 1);
        var (fetched, sent) = (plane.Put(plane.Central, bytes), plane.Put(plane.Site, Plane.Bytes(100_000, 2)));
        var (shared, patience) = (new SharedConnections(1), new Patience());
        using var client = new WeightClient(plane.Server.Address, plane.Site, shared.Access(), patience) { Shared = shared, Attempts = 1 };
        var another = await shared.TurnAsync(plane.Server.Address, TestContext.Current.CancellationToken);

        var transfers = Task.WhenAll(client.FetchAsync(fetched), client.SendAsync(sent));
        patience.RunsOut();
        Assert.False(transfers.IsCompleted);
        another.Dispose();
        await transfers;

        Assert.Equal(bytes, await File.ReadAllBytesAsync(plane.Site.PathOf(fetched), TestContext.Current.CancellationToken));
        Assert.True(plane.Central.Has(sent));
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_no_turn()
    {
        var (shared, server) = (new SharedConnections(1), new Uri("http://127.0.0.1:1"));
        var first = await shared.TurnAsync(server, TestContext.Current.CancellationToken);
        using var gives = new CancellationTokenSource();
        var second = shared.TurnAsync(server, gives.Token);
        await gives.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        first.Dispose();

        Assert.True(shared.TurnAsync(server, TestContext.Current.CancellationToken).IsCompletedSuccessfully);
    }

    /// <summary>A clock whose timers are over when it is told so.</summary>
    private sealed class Patience : TimeProvider
    {
        private readonly List<Timer> _timers = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(() => callback(state));
            lock (_timers)
                _timers.Add(timer);
            return timer;
        }

        public void RunsOut()
        {
            Timer[] timers;
            lock (_timers)
                timers = [.. _timers];
            foreach (var timer in timers)
                timer.Due();
        }

        private sealed class Timer(Action due) : ITimer
        {
            public Action Due { get; private set; } = due;

            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose() => Due = () => { };

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
