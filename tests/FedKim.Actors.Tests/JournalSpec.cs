using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using FedKim.Actors.Journals;
using FedKim.Chaos.Running;
using FedKim.Protocol.Journals;
using FedKim.Protocol.Tests;

namespace FedKim.Actors.Tests;

/// <summary>What every journal must do, whatever database it is kept in.</summary>
public abstract class JournalSpec
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>A new, empty database.</summary>
    /// <param name="own">Whether the test loses it.</param>
    protected abstract Task<TestJournal> Make(bool own = false);

    [Fact]
    public async Task Events_are_stored_as_protobuf_under_their_manifests_and_a_restarted_process_reads_them_as_they_were()
    {
        await using var journal = await Make();
        await JournalSchema.CreateAsync(journal.Journal);

        using (var first = new Writers(journal.Journal))
            await first.Write("history", [.. Golden.Events]);
        using var second = new Writers(journal.Journal);
        object[] read = await second.Read("history");

        var serializer = new EventSerializer((ExtendedActorSystem)second.System);
        Assert.Equal(Golden.Events.Select(e => Convert.ToHexString(serializer.ToBinary(e))), read.Select(e => Convert.ToHexString(serializer.ToBinary(e))));
        Assert.Equal(Golden.Events.Select(serializer.Manifest), Rows(journal, "SELECT manifest FROM journal ORDER BY sequence_number"));
        Assert.Equal(["120"], Rows(journal, "SELECT DISTINCT identifier FROM journal"));
        Assert.Equal(new JournalState(JournalSchema.Version, Golden.Events.Length, Federations: 1, Leases: 0), await JournalSchema.CheckAsync(journal.Journal));
    }

    [Fact]
    public async Task Of_two_writers_of_one_history_the_second_fails_and_overwrites_nothing()
    {
        await using var journal = await Make();
        await JournalSchema.CreateAsync(journal.Journal);
        using var one = new Writers(journal.Journal);
        using var other = new Writers(journal.Journal);
        await one.Write("history", Golden.Events[0]);
        var late = await other.Open("history");

        await one.Write("history", Golden.Events[1]);
        var fault = await Assert.ThrowsAsync<WriteFailed>(() => Writers.Write(late, Golden.Events[2]));

        Assert.NotNull(fault.InnerException);
        Assert.Equal(["r.open", "r.lead"], Rows(journal, "SELECT manifest FROM journal ORDER BY sequence_number"));
    }

    [Fact]
    public async Task Two_processes_write_to_one_database_at_once_and_lose_nothing()
    {
        await using var journal = await Make();
        await JournalSchema.CreateAsync(journal.Journal);
        using var one = new Writers(journal.Journal);
        using var other = new Writers(journal.Journal);

        await Task.WhenAll(Enumerable.Range(0, 20).SelectMany(i => new[] { one.Write($"one-{i}", [.. Golden.Events]), other.Write($"other-{i}", [.. Golden.Events]) }));

        Assert.Equal(40 * Golden.Events.Length, journal.Number("SELECT COUNT(*) FROM journal"));
    }

    [Fact]
    public async Task While_the_database_is_lost_nothing_counts_as_stored_and_when_it_is_back_the_same_process_goes_on()
    {
        await using var journal = await Make(own: true);
        await JournalSchema.CreateAsync(journal.Journal);
        using var writers = new Writers(journal.Journal);
        await writers.Write("history", Golden.Events[0]);

        await journal.Lose();
        var lost = writers.Write("history", Golden.Events[1]);
        await Task.WhenAny(lost, Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken));
        Assert.False(lost.IsCompletedSuccessfully);
        await journal.Return();
        // The event whose fate was unknown is read, not written again.
        await ((Task)lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        object[] stored = await Eventually(() => writers.Read("history"));
        await Eventually(() => writers.Write("other", Golden.Events[2]));

        Assert.Equal(lost.IsCompletedSuccessfully ? 2 : 1, stored.Length);
    }

    [Fact]
    public async Task Tables_are_made_once_by_however_many_nodes_at_however_many_starts()
    {
        await using var journal = await Make();
        Assert.Equal(new JournalState(null, 0, 0, 0), await JournalSchema.CheckAsync(journal.Journal));

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => JournalSchema.PrepareAsync(journal.Journal, create: true))));
        var state = await JournalSchema.CreateAsync(journal.Journal);

        Assert.Equal(new JournalState(JournalSchema.Version, 0, 0, 0), state);
    }

    [Fact]
    public async Task A_journal_that_Akka_made_itself_keeps_its_events_and_gets_what_it_lacks()
    {
        await using var journal = await Make();
        using (var old = new Writers(journal.Journal, "akka.persistence { journal.sql.auto-initialize = on, snapshot-store.sql.auto-initialize = on }"))
            await old.Write("history", [.. Golden.Events]);
        Assert.Equal(0, (await JournalSchema.CheckAsync(journal.Journal)).Schema);
        var refused = await Assert.ThrowsAsync<JournalException>(() => JournalSchema.PrepareAsync(journal.Journal, create: false));

        var state = await JournalSchema.PrepareAsync(journal.Journal, create: true);
        using var now = new Writers(journal.Journal);
        object[] read = await now.Read("history");

        Assert.Contains("fedkim journal migrate", refused.Message);
        Assert.Equal((JournalSchema.Version, Golden.Events.Length), (state.Schema, read.Length));
        await now.Write("history", Golden.Events[0]);
    }

    [Fact]
    public async Task A_server_that_may_not_make_tables_says_who_must_and_one_that_is_too_old_says_so()
    {
        await using var journal = await Make();

        var missing = await Assert.ThrowsAsync<JournalException>(() => JournalSchema.PrepareAsync(journal.Journal, create: false));
        await JournalSchema.CreateAsync(journal.Journal);
        var there = await JournalSchema.PrepareAsync(journal.Journal, create: false);
        journal.Execute("INSERT INTO fedkim_schema (version) VALUES (7)");
        var later = await Assert.ThrowsAsync<JournalException>(() => JournalSchema.PrepareAsync(journal.Journal, create: true));

        Assert.Contains("fedkim journal init", missing.Message);
        Assert.True(there.IsCurrent);
        Assert.Contains("version 7", later.Message);
        Assert.False(missing.Passing || later.Passing);
    }

    [Fact]
    public async Task What_is_only_deferred_is_no_failure_that_would_open_the_circuit_breaker()
    {
        await using var journal = await Make();
        await JournalSchema.CreateAsync(journal.Journal);
        using var writers = new Writers(journal.Journal);
        var deferring = writers.System.ActorOf(Props.Create(() => new Deferring()));

        // Ten failures open it.
        for (int i = 0; i < 15; i++)
            Assert.Equal("said", await deferring.Ask<string>(Golden.Events[2], Limit));

        Assert.Equal(15, journal.Number("SELECT COUNT(*) FROM journal"));
    }

    private static List<string> Rows(TestJournal journal, string question)
    {
        using var database = journal.Open();
        using var command = database.CreateCommand();
        command.CommandText = question;
        using var rows = command.ExecuteReader();
        var texts = new List<string>();
        while (rows.Read())
            texts.Add(rows.GetValue(0).ToString()!);
        return texts;
    }

    private static async Task<T> Eventually<T>(Func<Task<T>> attempt)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (WriteFailed) when (!limit.IsCancellationRequested)
            {
                await Task.Delay(200, limit.Token);
            }
        }
    }

    private sealed record Lost(Exception Cause);

    private sealed class WriteFailed(Exception? why) : Exception(why?.Message, why);

    /// <summary>An actor system with the product's journal, and an actor a history.</summary>
    private sealed class Writers(Journal journal, string config = "") : IDisposable
    {
        public ActorSystem System { get; } = ActorSystem.Create("journal", ConfigurationFactory.ParseString($"akka.loglevel = OFF\nakka.stdout-loglevel = OFF\n{config}")
            .WithFallback(ActorConfiguration.Persistence(journal))
            .WithFallback(ConfigurationFactory.ParseString(Fragments.Text("serialization.conf"))));

        public async Task<IActorRef> Open(string history)
        {
            var actor = System.ActorOf(Props.Create(() => new Writer(history)));
            await actor.Ask<object[]>("read", Limit);
            return actor;
        }

        public Task<int> Write(string history, params object[] events) => Write(System.ActorOf(Props.Create(() => new Writer(history))), events);

        public static async Task<int> Write(IActorRef writer, params object[] events) => await Ask(writer, events) switch
        {
            int stored => stored,
            Lost lost => throw new WriteFailed(lost.Cause),
            object other => throw new InvalidOperationException(other.ToString()),
        };

        public async Task<object[]> Read(string history) => await Ask(System.ActorOf(Props.Create(() => new Writer(history))), "read") switch
        {
            Lost lost => throw new WriteFailed(lost.Cause),
            object events => (object[])events,
        };

        // A writer whose history cannot be read ends without an answer.
        private static async Task<object> Ask(IActorRef writer, object question)
        {
            try
            {
                return await writer.Ask(question, TimeSpan.FromSeconds(15));
            }
            catch (AskTimeoutException e)
            {
                return new Lost(e);
            }
        }

        public void Dispose() => System.Terminate().Wait(Limit);
    }

    /// <summary>What is deferred while an event is stored makes a batch of its own, with nothing to store.</summary>
    private sealed class Deferring : ReceivePersistentActor
    {
        public Deferring()
        {
            Command<Rounds.IRoundEvent>(e =>
            {
                PersistAsync(e, _ => { });
                Self.Forward("say");
            });
            Command<string>(_ =>
            {
                var asker = Sender;
                DeferAsync(0, _ => asker.Tell("said"));
            });
        }

        public override string PersistenceId => "deferring";
    }

    private sealed class Writer : ReceivePersistentActor
    {
        private readonly List<object> _events = [];
        private IActorRef _asker = ActorRefs.Nobody;

        public Writer(string history)
        {
            PersistenceId = history;
            Recover<Rounds.IRoundEvent>(_events.Add);
            Recover<Rounds.IFederationEvent>(_events.Add);
            Command<string>(_ => Sender.Tell(_events.ToArray()));
            Command<object[]>(events =>
            {
                _asker = Sender;
                int open = events.Length;
                PersistAll(events, _ =>
                {
                    if (--open == 0)
                        _asker.Tell(events.Length);
                });
            });
        }

        public override string PersistenceId { get; }

        protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => _asker.Tell(new Lost(cause));
    }
}

public sealed class SqliteJournalTests : JournalSpec
{
    protected override Task<TestJournal> Make(bool own) => Task.FromResult<TestJournal>(SqliteTestJournal.Make());

    [Fact]
    public async Task The_log_is_written_ahead()
    {
        await using var journal = SqliteTestJournal.Make();
        await JournalSchema.CreateAsync(journal.Journal);

        using var database = journal.Open();
        using var command = database.CreateCommand();
        command.CommandText = "PRAGMA journal_mode";
        Assert.Equal("wal", command.ExecuteScalar());
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named()
    {
        string folder = Directory.CreateTempSubdirectory("fedkim-").FullName;
        string file = Path.Combine(folder, "journal.db");
        await File.WriteAllTextAsync(file, string.Concat(Enumerable.Repeat("This is a letter. ", 100)), TestContext.Current.CancellationToken);

        var fault = await Assert.ThrowsAsync<JournalException>(() => JournalSchema.PrepareAsync(Journal.Sqlite(file), create: true));

        Assert.Contains(file, fault.Message);
        Assert.False(fault.Passing);
        Directory.Delete(folder, recursive: true);
    }
}

public sealed class PostgresJournalTests(PostgresServer server) : JournalSpec
{
    protected override Task<TestJournal> Make(bool own) => PostgresTestJournal.Make(server, own);

    [Fact]
    public async Task What_passes_is_told_from_what_somebody_must_correct_and_no_password_is_shown()
    {
        await using var journal = await Make(own: true);

        var noDatabase = await Assert.ThrowsAsync<JournalException>(() => JournalSchema.CheckAsync(Journal.Postgres(journal.Journal.Connection + ";Database=nowhere;Password=secret")));
        var noUser = await Assert.ThrowsAsync<JournalException>(() => JournalSchema.CheckAsync(Journal.Postgres(journal.Journal.Connection + ";Username=nobody;Password=secret")));
        await journal.Lose();
        var down = await Assert.ThrowsAsync<JournalException>(() => JournalSchema.CheckAsync(Journal.Postgres(journal.Journal.Connection + ";Password=secret")));
        await journal.Return();

        Assert.Equal((false, false, true), (noDatabase.Passing, noUser.Passing, down.Passing));
        Assert.Contains("cannot be reached", down.Message);
        Assert.All([noDatabase, noUser, down], e => Assert.DoesNotContain("secret", e.Message));
    }

    [Theory]
    [InlineData("Host=db;Database=fedkim;Pasword=secret")]
    [InlineData("Database=fedkim;Username=secret")]
    [InlineData("secret")]
    public void What_is_no_connection_string_is_refused_without_repeating_it(string text) =>
        Assert.DoesNotContain("secret", Assert.Throws<ArgumentException>(() => Journal.Postgres(text)).Message);
}
