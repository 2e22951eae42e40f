using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;
using FedKim.Actors.Journals;
using FedKim.Actors.Leases;
using FedKim.Chaos.Running;

namespace FedKim.Actors.Tests;

/// <summary>What every lease must do, whatever database its row is in.</summary>
public abstract class LeaseSpec
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>A new, empty database.</summary>
    /// <param name="own">Whether the test loses it.</param>
    protected abstract Task<TestJournal> Make(bool own = false);

    [Fact]
    public async Task One_of_many_who_ask_at_once_gets_it()
    {
        await using var world = await World.Of(await Make());
        // Of two who look at the clock, the one that looked first may be let in last.
        for (int time = 0; time < 20; time++)
        {
            var leases = Enumerable.Range(0, 8).Select(i => world.Lease($"server-{i}", name: $"lease-{time}")).ToArray();

            bool[] got = await Task.WhenAll(leases.Select(lease => lease.Acquire()));

            Assert.Single(got, true);
            Assert.Equal(got, leases.Select(lease => lease.CheckLease()));
            await Task.WhenAll(leases.Select(lease => lease.Release()));
        }
    }

    [Fact]
    public async Task Who_holds_it_gets_it_again_at_once_also_as_a_new_process()
    {
        await using var world = await World.Of(await Make());
        var before = world.Lease("server-a");
        await before.Acquire();

        Assert.True(await before.Acquire());
        Assert.True(await world.Lease("server-a").Acquire());
        Assert.False(await world.Lease("server-b").Acquire());
    }

    [Fact]
    public async Task It_is_free_for_another_as_soon_as_it_is_released_and_its_version_grows()
    {
        await using var world = await World.Of(await Make());
        var (a, b) = (world.Lease("server-a"), world.Lease("server-b"));

        await a.Acquire();
        Assert.True(await a.Release());
        Assert.False(a.CheckLease());
        Assert.True(await b.Acquire());
        Assert.True(await a.Release());

        Assert.True(b.CheckLease());
        Assert.Equal(2, world.Journal.Number("SELECT version FROM fedkim_lease"));
    }

    [Fact]
    public async Task While_it_is_renewed_it_lasts()
    {
        await using var world = await World.Of(await Make());
        var lost = new TaskCompletionSource<Exception>();
        var (a, b) = (world.Lease("server-a", lasts: 1500), world.Lease("server-b", lasts: 1500));
        await a.Acquire(lost.SetResult);
        string renewed = world.Journal.Journal.Provider == JournalProvider.Sqlite
            ? "SELECT renewed FROM fedkim_lease"
            : "SELECT (extract(epoch FROM renewed) * 1000)::bigint FROM fedkim_lease";
        long first = world.Journal.Number(renewed);

        await Until(() => Task.FromResult(world.Journal.Number(renewed) - first > 2000));

        Assert.False(await b.Acquire());
        Assert.True(a.CheckLease());
        Assert.False(lost.Task.IsCompleted);
    }

    [Fact]
    public async Task Another_gets_it_when_its_owner_has_died_and_its_time_is_over()
    {
        await using var world = await World.Of(await Make());
        var dies = ActorSystem.Create("dies");
        await world.Lease("server-a", system: dies, lasts: 1000).Acquire();
        await dies.Terminate();
        var b = world.Lease("server-b", lasts: 1000);

        Assert.False(await b.Acquire());
        await Until(() => b.Acquire());

        Assert.Equal(2, world.Journal.Number("SELECT version FROM fedkim_lease"));
    }

    [Fact]
    public async Task A_process_that_stood_still_for_longer_than_it_lasts_knows_at_once_that_it_is_over()
    {
        await using var world = await World.Of(await Make());
        var clock = new SkippingClock();
        var a = world.Lease("server-a", clock, lasts: 8000, interval: 2000);
        await a.Acquire();

        clock.Skip(TimeSpan.FromSeconds(7));
        Assert.True(a.CheckLease());
        clock.Skip(TimeSpan.FromSeconds(2));
        Assert.False(a.CheckLease());
    }

    [Fact]
    public async Task Who_holds_it_is_told_once_when_another_has_taken_it()
    {
        await using var world = await World.Of(await Make());
        var lost = new TaskCompletionSource<Exception>();
        var a = world.Lease("server-a");
        await a.Acquire(lost.SetResult);

        world.Journal.Execute("UPDATE fedkim_lease SET owner = 'server-b', version = version + 1");

        Assert.Contains("another's", (await lost.Task.WaitAsync(Limit)).Message);
        Assert.False(a.CheckLease());
    }

    [Fact]
    public async Task Who_leads_does_not_lead_again_in_the_same_actor_system_when_another_has_led_between()
    {
        await using var world = await World.Of(await Make());
        var (a, b) = (world.Lease("server-a", name: ServerLease.Name), world.Lease("server-b", name: ServerLease.Name));
        await a.Acquire();
        // Without another between, as after a database that was away, it does.
        await a.Release();
        Assert.True(await a.Acquire());
        await a.Release();
        Assert.True(await b.Acquire());
        await b.Release();

        Assert.False(await a.Acquire());
        Assert.False(await a.Acquire());
        Assert.False(a.CheckLease());

        // What it gave up is free for its next actor system.
        Assert.True(await world.Lease("server-a", name: ServerLease.Name).Acquire());
    }

    [Fact]
    public async Task Who_is_refused_hears_who_holds_it_and_since_when()
    {
        await using var world = await World.Of(await Make());
        var self = LeaseOwner.Here("server/1f", "db.example:9100");
        var first = new ServerLease(world.Journal.Journal, self, TimeSpan.FromMinutes(1), TimeProvider.System);
        var second = new ServerLease(world.Journal.Journal, LeaseOwner.Here("server/2e", "127.0.0.1:9100"), TimeSpan.FromMinutes(1), TimeProvider.System);
        Assert.Null(await second.Holder(TestContext.Current.CancellationToken));
        Assert.Null(await first.Take(TestContext.Current.CancellationToken));

        var holder = await second.Take(TestContext.Current.CancellationToken);

        Assert.Equal(self, holder! with { Since = default });
        Assert.InRange(DateTimeOffset.UtcNow - holder!.Since, TimeSpan.Zero, Limit);
        Assert.StartsWith($"server at db.example:9100 (process {Environment.ProcessId} on ", holder.Description);
        Assert.Null(await first.Take(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task When_the_database_is_lost_it_is_lost_in_time_and_when_it_is_back_it_can_be_had_again()
    {
        await using var world = await World.Of(await Make(own: true));
        var lost = new TaskCompletionSource<Exception>();
        var a = world.Lease("server-a", lasts: 1500, operation: 1000);
        await a.Acquire(lost.SetResult);

        await world.Journal.Lose();
        var why = await lost.Task.WaitAsync(Limit);
        Assert.False(a.CheckLease());
        await Assert.ThrowsAnyAsync<LeaseException>(() => a.Acquire());
        await world.Journal.Return();

        Assert.IsType<LeaseTimeoutException>(why);
        await Until(async () =>
        {
            try
            {
                return await a.Acquire();
            }
            catch (LeaseException)
            {
                return false;
            }
        });
        Assert.True(a.CheckLease());
    }

    [Fact]
    public async Task Akka_finds_it_by_the_configuration_that_a_server_has()
    {
        await using var world = await World.Of(await Make());
        var config = ActorConfiguration.Member("127.0.0.1", 0, ["server"], journal: world.Journal.Journal, servers: 2);
        using var system = ActorSystem.Create("fedkim", ConfigurationFactory.ParseString("akka { loglevel = OFF, stdout-loglevel = OFF }").WithFallback(config));

        var lease = LeaseProvider.Get(system).GetLease("federation", system.Settings.Config.GetString("akka.cluster.singleton.use-lease"), "server-a");

        Assert.IsType<SqlLease>(lease);
        Assert.Equal(TimeSpan.FromSeconds(8), lease.Settings.TimeoutSettings.HeartbeatTimeout);
        Assert.True(await lease.Acquire());
        Assert.Equal("fedkim.lease.sql", system.Settings.Config.GetString("akka.cluster.split-brain-resolver.lease-majority.lease-implementation"));
        await system.Terminate();
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!await holds())
            await Task.Delay(100, limit.Token);
    }

    /// <summary>A database with its tables, and the processes that want the lease in it.</summary>
    private sealed class World : IAsyncDisposable
    {
        private readonly ActorSystem _system = ActorSystem.Create("lease", "akka { loglevel = OFF, stdout-loglevel = OFF }");

        private World(TestJournal journal) => Journal = journal;

        public TestJournal Journal { get; }

        public static async Task<World> Of(TestJournal journal)
        {
            await JournalSchema.CreateAsync(journal.Journal);
            return new World(journal);
        }

        /// <summary>The lease as one process sees it; times in milliseconds.</summary>
        public SqlLease Lease(string owner, TimeProvider? clock = null, ActorSystem? system = null, int lasts = 60_000, int interval = 200,
            int operation = 20_000, string name = "federation")
        {
            var section = ActorConfiguration.Persistence(Journal.Journal).GetConfig(ActorConfiguration.LeasePath);
            var times = new TimeoutSettings(TimeSpan.FromMilliseconds(interval), TimeSpan.FromMilliseconds(lasts), TimeSpan.FromMilliseconds(operation));
            return new SqlLease(new LeaseSettings(name, owner, times, section), system ?? _system, clock ?? TimeProvider.System);
        }

        public async ValueTask DisposeAsync()
        {
            await _system.Terminate();
            await Journal.DisposeAsync();
        }
    }

    /// <summary>A clock that time can pass on without any timer noticing, as for a process that was stopped and goes on.</summary>
    private sealed class SkippingClock : TimeProvider
    {
        private long _skipped;

        public void Skip(TimeSpan time) => Interlocked.Add(ref _skipped, (long)(time.TotalSeconds * TimestampFrequency));

        public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _skipped);
    }
}

public sealed class SqliteLeaseTests : LeaseSpec
{
    protected override Task<TestJournal> Make(bool own) => Task.FromResult<TestJournal>(SqliteTestJournal.Make());

    [Fact]
    public async Task A_lease_from_before_the_machine_was_restarted_is_free()
    {
        await using var journal = SqliteTestJournal.Make();
        await JournalSchema.CreateAsync(journal.Journal);
        journal.Execute($"INSERT INTO fedkim_lease VALUES ('federation', 'server-a', 1, {long.MaxValue / 2}, {long.MaxValue / 2 + 8000})");
        var table = new LeaseTable(JournalProvider.Sqlite, journal.Journal.Connection, TimeProvider.System);

        Assert.Equal(2, await table.Acquire("federation", LeaseOwner.Here("server-b", ""), TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken));
    }
}

public sealed class PostgresLeaseTests(PostgresServer server) : LeaseSpec
{
    protected override Task<TestJournal> Make(bool own) => PostgresTestJournal.Make(server, own);
}
