using Akka.Actor;
using Akka.Configuration;
using FedKim.Actors.Journals;
using FedKim.Actors.Leases;
using FedKim.Actors.Repair;
using FedKim.Actors.Server;
using FedKim.Chaos.Running;
using FedKim.Protocol.Journals;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>What is wrong with a journal is found and named, and what the epochs prove is kept, whatever database it is kept in.</summary>
public abstract class JournalRepairSpec
{
    private const string Round = "rehearsal/1";

    private static readonly DateTimeOffset At = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly Digest Model = Digest.Of([.. Enumerable.Repeat((byte)1, 32)]);
    private static readonly FederationPlan Plan = TestFederation.Plan(2, 1, "hospital-a");
    private static readonly FederationId Next = new("next");

    protected abstract Task<TestJournal> Make();

    [Fact]
    public async Task Of_two_writers_among_each_other_the_one_of_the_higher_epoch_is_kept_and_servers_read_the_journal_again()
    {
        await using var journal = await Start();
        await Write(journal, "federation", 4, "b", new FederationEvents.TakenOver(2, "server-b", At));
        await Write(journal, "federation", 5, "a", new FederationEvents.FederationFailed("the loser's word", At));
        await Write(journal, "federation", 6, "b", new FederationEvents.RoundCommitted(1, Model, Model, Model, At));
        Assert.Equal(("federation", "two servers wrote to it at once, and their events stand among each other"), await Fault(journal));

        var finding = Assert.Single(await JournalCheck.RunAsync(journal.Journal));
        var repaired = await JournalRepair.RunAsync(journal.Journal, TimeProvider.System);

        Assert.Equal(("federation", 5L), (finding.History, finding.Number));
        Assert.Contains("epoch 2", finding.Problem);
        Assert.Contains("f.fail was dropped", Assert.Single(repaired.Dropped).Problem);
        Assert.Empty(repaired.Left);
        Assert.NotEmpty(repaired.Copy);
        Assert.Empty(await JournalCheck.RunAsync(journal.Journal));
        Assert.Equal(new JournalMark(2, "rehearsal", 1), await JournalHead.ReadAsync(journal.Journal));
        Assert.Equal(5, journal.Number("SELECT MAX(sequence_number) FROM journal"));
        Assert.Null(await Fault(journal));
    }

    [Fact]
    public async Task The_latest_events_are_read_in_the_order_in_which_they_were_stored()
    {
        await using var journal = await Start();
        await Write(journal, "federation", 4, "b", new FederationEvents.TakenOver(2, "server-b", At));
        await Write(journal, Round, 1, "b", Opened);

        var latest = await JournalReading.LastAsync(journal.Journal, 2);
        Assert.Equal([("federation", 4L, "f.lead"), (Round, 1L, "r.open")], latest.Select(one => (one.History, one.Number, one.Kind)));
        Assert.Equal(latest[1], Assert.Single(await JournalReading.AfterAsync(journal.Journal, latest[0].Ordering, 10)));
        Assert.Empty(await JournalReading.AfterAsync(journal.Journal, latest[1].Ordering, 10));
    }

    [Fact]
    public async Task An_open_round_is_decided_anew_from_where_an_event_is_missing_and_keeps_its_epochs()
    {
        await using var journal = await Start();
        await Write(journal, Round, 1, "a", Opened, new RoundEvents.TrainingStarted(At));
        await Write(journal, Round, 4, "a", new RoundEvents.CollectionClosed(At));
        await Write(journal, Round, 5, "b", new RoundEvents.TakenOver(2, "server-b", At));
        await Write(journal, "federation", 4, "b", new FederationEvents.TakenOver(2, "server-b", At));

        var finding = Assert.Single(await JournalCheck.RunAsync(journal.Journal));
        var repaired = await JournalRepair.RunAsync(journal.Journal, TimeProvider.System);

        Assert.Equal(new JournalFinding(Round, 3, "this event is missing"), finding);
        Assert.Contains("r.close was dropped", Assert.Single(repaired.Dropped).Problem);
        Assert.Equal(3, journal.Number($"SELECT MAX(sequence_number) FROM journal WHERE persistence_id = '{Round}'"));
        Assert.Empty(await JournalCheck.RunAsync(journal.Journal));
    }

    [Fact]
    public async Task A_committed_round_keeps_what_can_be_read_and_stays_committed()
    {
        await using var journal = await Start();
        await Write(journal, "federation", 4, "a", new FederationEvents.RoundCommitted(1, Model, Model, Model, At));
        await Write(journal, Round, 1, "a", Opened, new RoundEvents.TrainingStarted(At), new RoundEvents.CollectionClosed(At), new RoundEvents.Committed(At));
        journal.Execute($"UPDATE journal SET message = {(journal is SqliteTestJournal ? "X'FFFFFF'" : "'\\xFFFFFF'::bytea")} WHERE manifest = 'r.commit'");

        Assert.Contains("r.commit cannot be read", Assert.Single(await JournalCheck.RunAsync(journal.Journal)).Problem);
        await JournalRepair.RunAsync(journal.Journal, TimeProvider.System);

        Assert.Equal(1, journal.Number("SELECT COUNT(*) FROM journal WHERE manifest = 'r.commit' AND sequence_number = 4"));
        Assert.Empty(await JournalCheck.RunAsync(journal.Journal));
    }

    [Fact]
    public async Task Events_of_a_later_version_are_named_and_never_repaired_away()
    {
        await using var journal = await Start();
        journal.Execute("UPDATE journal SET manifest = 'f.later' WHERE manifest = 'f.init'");

        var finding = Assert.Single(await JournalCheck.RunAsync(journal.Journal), f => f.Number == 3);
        var refused = await Assert.ThrowsAsync<JournalException>(() => JournalRepair.RunAsync(journal.Journal, TimeProvider.System));

        Assert.Contains("'f.later' that this version does not know", finding.Problem);
        Assert.Contains("later FedKim", refused.Message);
        Assert.Contains("'f.later'", (await Fault(journal))!.Value.Problem);
    }

    [Fact]
    public async Task Rounds_without_their_federations_events_are_found()
    {
        await using var journal = await Start();
        await Write(journal, "other/3", 1, "a", Opened);
        await Write(journal, "rehearsal/7", 1, "a", Opened);

        Assert.Equal(["other/3", "rehearsal/7"], (await JournalCheck.RunAsync(journal.Journal)).Select(f => f.History));
    }

    [Fact]
    public async Task While_somebody_holds_the_lease_nothing_is_changed()
    {
        await using var journal = await Start();
        var table = new LeaseTable(journal.Journal.Provider, journal.Journal.Connection, TimeProvider.System);
        await table.Acquire("servers", LeaseOwner.Here("server-b", ""), TimeSpan.FromMinutes(1), CancellationToken.None);

        var refused = await Assert.ThrowsAsync<JournalException>(() => JournalRepair.RunAsync(journal.Journal, TimeProvider.System));

        Assert.Contains("server-b", refused.Message);
    }

    [Fact]
    public async Task A_backup_brings_back_events_and_weights_and_one_that_was_changed_since_is_refused()
    {
        await using var journal = await Start();
        string folder = Directory.CreateTempSubdirectory("fedkim-").FullName, copy = Path.Combine(folder, "copy"), work = Path.Combine(folder, "work");
        var store = new Transfer.WeightStore(Path.Combine(folder, "weights"));
        string model = Path.Combine(folder, "model");
        await File.WriteAllTextAsync(model, "a model", TestContext.Current.CancellationToken);
        var held = Parameters.Digests.OfFile(model);
        store.Import(new Parameters.WeightFile(model, held));
        await Write(journal, "federation", 4, "a", new FederationEvents.RoundCommitted(1, held, held, held, At));
        await Write(journal, "rehearsal/2", 1, "a", Opened, new RoundEvents.AggregateComputed(Model, At));

        var made = await Backup.MakeAsync(journal.Journal, store, "server-a", copy, TimeProvider.System, CancellationToken.None);
        await Backup.RestoreAsync(copy, work, null, CancellationToken.None);

        Assert.Equal(new JournalMark(1, "rehearsal", 1), made.From);
        Assert.Equal([Model.Hex], made.Missing);
        Assert.Equal([$"weights/{held.Hex}", "journal.db"], made.Files.Select(f => f.Name));
        var restored = Journal.Sqlite(Path.Combine(work, "journal.db"));
        Assert.Equal(made.From, await JournalHead.ReadAsync(restored));
        Assert.Equal(journal.Number("SELECT COUNT(*) FROM journal"), (await JournalSchema.CheckAsync(restored)).Events);
        Assert.Empty(await JournalCheck.RunAsync(restored));
        Assert.Equal("a model", await File.ReadAllTextAsync(Path.Combine(work, "weights", held.Hex), TestContext.Current.CancellationToken));
        Assert.Contains("exists already", (await Assert.ThrowsAsync<JournalException>(() => Backup.RestoreAsync(copy, work, null, CancellationToken.None))).Message);
        await File.AppendAllTextAsync(Path.Combine(copy, "weights", held.Hex), " with one byte more", TestContext.Current.CancellationToken);
        Assert.Contains($"weights/{held.Hex} is not the file that was copied", (await Assert.ThrowsAsync<JournalException>(() => Backup.RestoreAsync(copy, Path.Combine(folder, "other"), null, CancellationToken.None))).Message);
        JournalFile.Close(restored);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_backup_holds_the_results_of_every_federation_names_those_that_are_not_whole_and_copies_the_rest()
    {
        await using var journal = await Start();
        string folder = Directory.CreateTempSubdirectory("fedkim-").FullName, copy = Path.Combine(folder, "copy");
        var store = new Transfer.WeightStore(Path.Combine(folder, "weights"));
        Digest model = Put("a model"), adapter = Put("an adapter"), rotten = Put("a sum"), gone = Digest.Of(new byte[32]);
        await File.WriteAllTextAsync(Path.Combine(folder, "weights", rotten.Hex), "a rum", TestContext.Current.CancellationToken);
        await Write(journal, "federation", 4, "a", new FederationEvents.RoundCommitted(1, rotten, model, gone, At), new FederationEvents.FederationStopped("", At));
        var later = Plan with { Id = new FederationId("later"), StartFrom = "rehearsal" };
        await Write(journal, "federation", 6, "a", new FederationEvents.Submitted(later, At));

        var starting = await JournalNeeds.ReadAsync(journal.Journal, CancellationToken.None);
        await Write(journal, "federation", 7, "a", new FederationEvents.Initialized(adapter, adapter, At));
        var running = await JournalNeeds.ReadAsync(journal.Journal, CancellationToken.None);
        var made = await Backup.MakeAsync(journal.Journal, store, "server-a", copy, TimeProvider.System, CancellationToken.None);

        Assert.Equivalent(new[] { rotten, model, gone }, starting.Current, strict: true);
        Assert.Equivalent(new[] { adapter }, running.Current, strict: true);
        Assert.Equivalent(new[] { rotten.Hex, gone.Hex }, made.Missing, strict: true);
        Assert.Equivalent(new[] { $"weights/{model.Hex}", $"weights/{adapter.Hex}", "journal.db" }, made.Files.Select(f => f.Name), strict: true);
        Assert.Equivalent(new[] { model.Hex, adapter.Hex }, Directory.EnumerateFiles(Path.Combine(copy, "weights")).Select(Path.GetFileName), strict: true);
        Directory.Delete(folder, recursive: true);

        Digest Put(string text)
        {
            string file = Path.Combine(folder, Guid.NewGuid().ToString());
            File.WriteAllText(file, text);
            var digest = Parameters.Digests.OfFile(file);
            store.Import(new Parameters.WeightFile(file, digest));
            return digest;
        }
    }

    [Fact]
    public async Task A_journal_that_has_come_less_far_is_accepted_in_the_epoch_that_sites_have_heard_of()
    {
        await using var journal = await Start();
        string mark = Path.Combine(Directory.CreateTempSubdirectory("fedkim-").FullName, "journal.mark");
        new JournalMark(5, "rehearsal", 2).Write(mark);
        var marked = journal.Journal with { Mark = mark };

        var from = await JournalRepair.AcceptAsync(marked, "server-a", TimeProvider.System);

        Assert.Equal(new JournalMark(5, "rehearsal", 0), from);
        Assert.Equal(from, await JournalHead.ReadAsync(marked));
        Assert.Equal(from, JournalMark.Find(mark));
        Assert.Empty(await JournalCheck.RunAsync(marked));
        Directory.Delete(Path.GetDirectoryName(mark)!, recursive: true);
    }

    [Theory]
    [InlineData(5, "demo", 3, 5, "demo", 3, true)]
    [InlineData(5, "demo", 2, 5, "demo", 3, false)]
    [InlineData(4, "demo", 3, 5, "demo", 3, false)]
    [InlineData(6, "demo", 1, 5, "demo", 3, true)]
    [InlineData(5, "next", 0, 5, "demo", 3, true)]
    [InlineData(5, "old", 3, 5, "demo", 0, false)]
    [InlineData(0, "", 0, 1, "demo", 0, false)]
    public void A_journal_is_behind_its_mark_when_it_lacks_an_epoch_a_federation_or_a_round(
        int epoch, string federation, int round, int markEpoch, string markFederation, int markRound, bool reaches) =>
        Assert.Equal(reaches, new JournalMark(epoch, federation, round).Reaches(new JournalMark(markEpoch, markFederation, markRound), name => federation == "next" && name == "demo"));

    [Fact]
    public Task The_mark_follows_a_federation_that_is_resumed_after_another_as_the_journal_tells_it() => Follows(
        new JournalMark(1, Plan.Id.Value, 2),
        new FederationEvents.RoundCommitted(1, Model, Model, Model, At), new FederationEvents.FederationFailed("no quorum", At),
        new FederationEvents.Submitted(Plan with { Id = Next }, At), new FederationEvents.RoundCommitted(1, Model, Model, Model, At),
        new FederationEvents.RoundCommitted(2, Model, Model, Model, At), new FederationEvents.FederationResumed(Next, At),
        new FederationEvents.FederationResumed(Plan.Id, At), new FederationEvents.RoundCommitted(2, Model, Model, Model, At));

    [Fact]
    public Task The_mark_follows_federations_that_are_tried_again_beside_each_other_as_the_journal_tells_it() => Follows(
        new JournalMark(1, Next.Value, 0),
        new FederationEvents.Submitted(Plan with { Id = Next }, At), new FederationEvents.FederationResumed(Plan.Id, At),
        new FederationEvents.RoundCommitted(1, Model, Model, Model, At), new FederationEvents.RoundCommitted(1, Model, Model, Model, At) { Federation = Next },
        new FederationEvents.FederationResumed(Plan.Id, At), new FederationEvents.FederationResumed(Plan.Id, At),
        new FederationEvents.RoundCommitted(2, Model, Model, Model, At), new FederationEvents.FederationResumed(Next, At));

    private async Task Follows(JournalMark end, params IFederationEvent[] more)
    {
        await using var journal = await Start();
        var mark = await JournalHead.ReadAsync(journal.Journal);
        for (int i = 0; i < more.Length; i++)
        {
            await Write(journal, "federation", 4 + i, "a", more[i]);
            mark = mark.After(more[i]);
            Assert.Equal(mark, await JournalHead.ReadAsync(journal.Journal));
        }

        Assert.Equal(end, mark);
    }

    private static RoundEvents.Opened Opened => new(Model, Model, null, [.. Plan.Clients], 1, At);

    private async Task<TestJournal> Start()
    {
        var journal = await Make();
        await JournalSchema.CreateAsync(journal.Journal);
        await Write(journal, "federation", 1, "a", new FederationEvents.TakenOver(1, "server-a", At), new FederationEvents.Submitted(Plan, At), new FederationEvents.Initialized(Model, Model, At));
        return journal;
    }

    private static async Task Write(TestJournal journal, string history, int from, string writer, params object[] events)
    {
        using var system = ActorSystem.Create("serializer", "akka.loglevel = OFF, akka.stdout-loglevel = OFF");
        var serializer = new EventSerializer((ExtendedActorSystem)system);
        await using var database = journal.Open();
        foreach (object e in events)
        {
            await using var command = database.CreateCommand();
            command.CommandText = $"""
                INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier, writer_uuid)
                VALUES (1, {(journal is SqliteTestJournal ? "0" : "false")}, '{history}', {from++}, @message, '{serializer.Manifest(e)}', 120, '{writer}')
                """;
            var message = command.CreateParameter();
            (message.ParameterName, message.Value) = ("message", serializer.ToBinary(e));
            command.Parameters.Add(message);
            await command.ExecuteNonQueryAsync();
        }
    }

    // What the federation's actor says when it reads the journal; null when it can.
    private static async Task<(string History, string Problem)?> Fault(TestJournal journal)
    {
        using var system = ActorSystem.Create("reader", ConfigurationFactory.ParseString("akka.loglevel = OFF\nakka.stdout-loglevel = OFF")
            .WithFallback(ActorConfiguration.Persistence(journal.Journal))
            .WithFallback(ConfigurationFactory.ParseString(Fragments.Text("serialization.conf")))
            .WithFallback(ConfigurationFactory.ParseString(Fragments.Text("dispatchers.conf"))));
        string folder = Directory.CreateTempSubdirectory("fedkim-").FullName;
        var found = new TaskCompletionSource<JournalFault?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Action<JournalFault> damaged = fault => found.TrySetResult(fault);
        system.ActorOf(Props.Create(() => new JournalWatch(damaged)));
        var federation = system.ActorOf(ServerRole.Federation(
            "server-c", new Transfer.WeightStore(Path.Combine(folder, "weights")), new Transfer.Spool(Path.Combine(folder, "spool")), "http://127.0.0.1:1", folder, ActorRefs.Nobody, TimeProvider.System));
        var answer = federation.Ask<FederationView>(new FederationQueries.GetFederation(), TimeSpan.FromSeconds(30));
        await Task.WhenAny(answer, found.Task);
        await system.Terminate();
        Directory.Delete(folder, recursive: true);
        return found.Task.IsCompleted && await found.Task is { } fault ? (fault.History, fault.Problem) : null;
    }
}

public sealed class SqliteJournalRepairTests : JournalRepairSpec
{
    protected override Task<TestJournal> Make() => Task.FromResult<TestJournal>(SqliteTestJournal.Make());

    [Fact]
    public async Task A_file_that_contradicts_itself_is_named_and_cannot_be_repaired()
    {
        await using var journal = SqliteTestJournal.Make();
        await JournalSchema.CreateAsync(journal.Journal);
        JournalFile.Close(journal.Journal);
        string file = JournalFile.PathOf(journal.Journal)!;
        await using (var bytes = File.OpenWrite(file))
        {
            bytes.Position = 8192;
            bytes.Write([.. Enumerable.Repeat((byte)0x5a, 4096)]);
        }

        Assert.Contains("contradicts itself", (await JournalCheck.RunAsync(journal.Journal))[0].Problem);
        Assert.Contains("restore", (await Assert.ThrowsAsync<JournalException>(() => JournalRepair.RunAsync(journal.Journal, TimeProvider.System))).Message);
    }

    [Fact]
    public async Task After_every_committed_round_the_file_alone_is_the_whole_journal_and_the_mark_says_how_far_it_has_come()
    {
        string folder = Directory.CreateTempSubdirectory("fedkim-").FullName;
        var journal = SqliteTestJournal.Make(Path.Combine(folder, "journal.mark"));
        JournalMark.Start.Write(journal.Journal.Mark);
        await using var federation = await TestFederation.Start(["hospital-a"], journal: journal);
        await federation.Submit(TestFederation.Plan(2, 1, "hospital-a"));
        await federation.AwaitEnd();

        var copy = Journal.Sqlite(Path.Combine(folder, "copy.db"));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        for (var head = JournalMark.Start; head != new JournalMark(1, "rehearsal", 2) || JournalMark.Find(journal.Journal.Mark) != head;)
        {
            await Task.Delay(50, limit.Token);
            File.Copy(JournalFile.PathOf(journal.Journal)!, JournalFile.PathOf(copy)!, overwrite: true);
            head = await JournalHead.ReadAsync(copy, limit.Token);
            JournalFile.Close(copy);
        }
        Assert.Empty(await JournalCheck.RunAsync(copy));
        JournalFile.Close(copy);
        Directory.Delete(folder, recursive: true);
    }
}

public sealed class PostgresJournalRepairTests(PostgresServer server) : JournalRepairSpec
{
    protected override Task<TestJournal> Make() => PostgresTestJournal.Make(server, own: false);
}
