using System.Data.Common;
using Akka.Actor;
using Akka.Configuration;
using FedKim.Actors.Journals;
using FedKim.Actors.Server;
using FedKim.Protocol.Journals;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;
using static FedKim.Protocol.Messages.FederationQueries;

namespace FedKim.Actors.Tests;

/// <summary>Measures the memory of the whole process, and so runs alone in it.</summary>
[CollectionDefinition(nameof(LongHistoryTests), DisableParallelization = true)]
public sealed class LongHistory;

/// <summary>A server that takes over after many rounds of many sites: it reads what it needs, and answers in pieces that arrive.</summary>
[Collection(nameof(LongHistoryTests))]
public sealed class LongHistoryTests : PatientKit
{
    // A frame of the transport.
    private const int Frame = 128_000;
    private static readonly DateTimeOffset Start = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly SqliteTestJournal _journal;
    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-").FullName;

    public LongHistoryTests() : this(SqliteTestJournal.Make())
    {
    }

    private LongHistoryTests(SqliteTestJournal journal) : base(
        ConfigurationFactory.ParseString("akka { loglevel = WARNING, stdout-loglevel = WARNING }")
            .WithFallback(ActorConfiguration.Member("127.0.0.1", 0, ["server"], journal: journal.Journal)),
        ActorConfiguration.System) => _journal = journal;

    [Fact]
    public async Task A_thousand_rounds_of_a_hundred_sites_are_taken_over_like_ten_and_every_answer_fits_a_frame()
    {
        const int Rounds = 1000, Sites = 100;
        ClientId[] sites = [.. Enumerable.Range(0, Sites).Select(i => new ClientId($"hospital-of-the-longest-name-{i:000}"))];
        await Write("long", Rounds, sites);

        long before = GC.GetTotalMemory(forceFullCollection: true);
        var server = TakeOver();
        var federation = await Ask<FederationView>(server, new GetFederation());
        await Ask<FederationQueries.Rounds>(server, new GetRounds(From: Rounds, Count: 1));
        long grown = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.Equal(("long", "Running", Rounds, Sites), (federation.Federation, federation.Phase, federation.CommittedRounds, federation.Invited.Length));
        Assert.True(grown < 8 << 20, $"The server holds {grown / 1024} KiB more after {Rounds} rounds.");

        // A site hears of the open round, and of none that is over.
        server.Tell(new SiteMessages.Hello(sites[0], TestActor, new SiteStatus("idle", "", 0, 0, double.NaN, 0, ""), 0));
        var first = await ExpectMsgAsync<SiteMessages.Train>(TimeSpan.FromSeconds(30));
        Assert.Equal(new RoundId(new FederationId("long"), Rounds + 1), first.Round);
        server.Tell(new SiteMessages.Hello(sites[1], TestActor, new SiteStatus("waiting", "long/7", 0, 0, double.NaN, 0, ""), 0));
        Assert.Equal("long/7", (await FishForMessageAsync<SiteMessages.RoundEnded>(_ => true)).Round.ToString());

        var whole = (await List(server, clients: false)).Where(r => r.Phase == "Committed").ToArray();
        Assert.Equal(Enumerable.Range(1, Rounds), whole.Select(r => r.Number));
        var last = (await List(server, clients: true, from: Rounds - 30)).Where(r => r.Phase == "Committed").ToArray();
        Assert.Equal(31 * Sites, last.Sum(r => r.Accepted.Length));
    }

    [Fact]
    public async Task A_round_of_any_number_of_sites_and_the_longest_reasons_comes_in_pages()
    {
        ClientId[] sites = [.. Enumerable.Range(0, 400).Select(i => new ClientId($"hospital-{i:0000}"))];
        await Write("wide", 1, sites, dropped: new string('ä', 5000));
        var server = TakeOver();

        var round = await Ask<RoundView>(server, new GetRound(1));
        var (invited, dropped) = (new List<string>(round.Invited), new List<string>(round.Dropped.Select(d => d.Client)));
        while (round.Next.Length > 0)
        {
            round = await Ask<RoundView>(server, new GetRound(1, After: round.Next));
            invited.AddRange(round.Invited);
            dropped.AddRange(round.Dropped.Select(d => d.Client));
        }

        Assert.Equal(sites.Select(s => s.Value), invited);
        Assert.Equal(sites.Skip(1).Select(s => s.Value), dropped);

        var lines = new List<StoryLine>();
        int from = 0;
        do
        {
            var page = await Ask<Story>(server, new GetStory(1, From: from));
            lines.AddRange(page.Lines);
            from = page.Next;
        }
        while (from > 0);
        Assert.Equal(sites.Length + 6, lines.Count);

        Assert.Equal(sites.Length, (await Ask<FederationView>(server, new GetFederation())).InvitedCount);
    }

    [Fact]
    public async Task Any_number_of_federations_is_listed_in_pages()
    {
        await JournalSchema.CreateAsync(_journal.Journal);
        var events = new List<IFederationEvent>();
        for (int i = 0; i < 500; i++)
            events.AddRange([new FederationEvents.Submitted(Plan($"f-{i:000}", 1, [new ClientId("a")]), Start), new FederationEvents.FederationFailed(new string('x', 3000), Start)]);
        using (var database = _journal.Open())
            Store(database, "federation", events);
        var server = TakeOver();

        var names = new List<string>();
        int from = 0;
        do
        {
            var page = await Ask<Federations>(server, new GetFederations(from));
            names.AddRange(page.Items.Select(f => f.Federation));
            from = page.Next;
        }
        while (from > 0);

        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"f-{i:000}"), names);
        Assert.Equal("f-007", (await Ask<FederationView>(server, new GetFederation("f-007"))).Federation);
        Assert.Contains("There is no federation g", (await Ask<NotFound>(server, new GetFederation("g"))).Message);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _journal.DisposeAsync().AsTask().Wait();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<List<RoundView>> List(IActorRef server, bool clients, int from = 1)
    {
        var rounds = new List<RoundView>();
        do
        {
            var page = await Ask<FederationQueries.Rounds>(server, new GetRounds(from, Clients: clients));
            rounds.AddRange(page.Items);
            from = page.Next;
        }
        while (from > 0);
        return rounds;
    }

    // What does not fit a frame would not have arrived.
    private async Task<T> Ask<T>(IActorRef server, IWireMessage question)
    {
        object answer = await server.Ask(question, TimeSpan.FromSeconds(60));
        int bytes = Sys.Serialization.FindSerializerFor(answer).ToBinary(answer).Length;
        Assert.True(bytes < Frame, $"{question} is answered with {bytes} bytes.");
        return Assert.IsType<T>(answer);
    }

    private IActorRef TakeOver()
    {
        var (store, spool) = (new WeightStore(Path.Combine(_folder, "weights")), new Spool(Path.Combine(_folder, "spool")));
        string scratch = Path.Combine(_folder, "scratch");
        var keepers = CreateTestProbe();
        return Sys.ActorOf(Props.Create(() => new FederationActor("server", store, spool, "http://127.0.0.1:1", scratch, keepers, TimeProvider.System, new HeardEpoch(), 1)));
    }

    private static FederationPlan Plan(string name, int rounds, ClientId[] sites) =>
        TestFederation.Plan(rounds, 1, [.. sites.Select(s => s.Value)]) with { Id = new FederationId(name) };

    private async Task Write(string name, int rounds, ClientId[] sites, string? dropped = null)
    {
        await JournalSchema.CreateAsync(_journal.Journal);
        using var database = _journal.Open();
        using var change = database.BeginTransaction();
        var plan = Plan(name, dropped is null ? rounds + 1 : rounds, sites);
        var events = new List<IFederationEvent> { new FederationEvents.Submitted(plan, Start), new FederationEvents.Initialized(Digest(1), Digest(2), Start) };
        for (int number = 1; number <= rounds; number++)
        {
            var samples = SampleCounts.Of(("rehearsal", 1));
            List<IRoundEvent> round = [new RoundEvents.Opened(Digest(1), Digest(2), null, [.. sites], 1, Start), new RoundEvents.TrainingStarted(Start)];
            round.AddRange(sites.Select((s, i) => i == 0 || dropped is null
                ? (IRoundEvent)new RoundEvents.ContributionAccepted(s, Digest(i), samples, 0.5, Start)
                : new RoundEvents.ClientDropped(s, dropped, Start)));
            round.AddRange(
            [
                new RoundEvents.CollectionClosed(Start), new RoundEvents.AggregateComputed(Digest(3), Start),
                new RoundEvents.Injected(Digest(4), Digest(5), 0.5, Start), new RoundEvents.Committed(Start),
            ]);
            Store(database, $"{name}/{number}", round);
            events.Add(new FederationEvents.RoundCommitted(number, Digest(3), Digest(4), Digest(5), Start));
        }

        Store(database, "federation", events);
        change.Commit();
    }

    // As Akka.Persistence.Sql stores them, all of a history at once.
    private void Store<TEvent>(DbConnection database, string history, List<TEvent> events) where TEvent : notnull
    {
        var serializer = (EventSerializer)Sys.Serialization.FindSerializerFor(events[0]);
        using var command = database.CreateCommand();
        command.CommandText = """
            INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier, writer_uuid)
            VALUES (0, 0, @history, @number, @message, @manifest, @identifier, 'test')
            """;
        foreach (string name in (string[])["history", "number", "message", "manifest", "identifier"])
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = $"@{name}";
            command.Parameters.Add(parameter);
        }

        for (int i = 0; i < events.Count; i++)
        {
            object?[] values = [history, i + 1, serializer.ToBinary(events[i]), serializer.Manifest(events[i]), serializer.Identifier];
            for (int p = 0; p < values.Length; p++)
                command.Parameters[p].Value = values[p];
            command.ExecuteNonQuery();
        }
    }

    private static Digest Digest(int number) => Rounds.Digest.Parse(number.ToString("x64"));
}
