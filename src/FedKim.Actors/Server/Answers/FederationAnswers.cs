using Akka.Actor;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using static FedKim.Protocol.Messages.FederationQueries;

namespace FedKim.Actors.Server.Answers;

/// <summary>
/// Answers questions from what the federation's actor knew when they were asked. Nothing is kept of rounds that are over: the events of those
/// that are asked for are read from their journals, and made into a round by the same rules as a coordinator's.
/// </summary>
internal sealed class FederationAnswers : ReceiveActor
{
    private readonly ServerContext _server;
    private int _replays;
    private bool _replaying;

    /// <param name="server">What the server's actors share.</param>
    public FederationAnswers(ServerContext server)
    {
        _server = server;
        Receive<Asked>(Answer);
        Receive<Replay>(Run);
        Receive<Replayed>(m =>
        {
            _replaying = false;
            m.Asker.Tell(m.Answer);
        });
    }

    private void Answer(Asked asked)
    {
        switch (asked.Question)
        {
            case GetFederation q:
                Of(asked, q.Federation, f => Sender.Tell(f.Phase == FederationPhase.Queued
                    ? View.OfQueued(asked.Federation, f.Plan!.Id, q.After)
                    : View.Of(f, q.After) with { Waiting = asked.Latest.WaitingOf(f) }));
                break;
            case GetFederations q:
                Sender.Tell(View.All(asked.Federation, q.From));
                break;
            case GetQueue q:
                Sender.Tell(View.Queue(asked.Federation, f => Doing.Of(f, asked.Latest), q.From));
                break;
            case GetEvaluation q:
                Of(asked, q.Federation, f => Sender.Tell(View.Piece(f.Evaluation, q.From)));
                break;
            case GetPlan q:
                Of(asked, q.Federation, f => Sender.Tell(View.Piece(f.Plan is { } plan ? PlanText.Of(plan) : "", q.From)));
                break;
            case GetResult q:
                Of(asked, q.Federation, f => Sender.Tell(ResultOf(f)));
                break;
            case GetRounds q:
                Of(asked, q.Federation, f => ReadPage(f, asked.Latest, q));
                break;
            case GetRound q:
                Of(asked, q.Federation, f => ReadRound(f, asked.Latest, q));
                break;
            case GetStory q:
                Of(asked, q.Federation, f => WithJournal(f, q.Number, (journal, asker) => asker.Tell(Story(journal, q.From))));
                break;
            case GetReplay q:
                var self = Self;
                Of(asked, q.Federation, f => WithRound(f, asked.Latest, q.Number, (round, asker) => self.Tell(new Replay(round, f.Plan!, asker))));
                break;
            case GetClients q:
                _server.Directory.Forward(Clients(asked, q));
                break;
            case GetInjector q:
                // A site hears of the injector of its own federation.
                _server.Directory.Forward(new SiteDirectory.DescribeInjector(
                    asked.MayKnow, asked.Asker is not { } site ? q.Site : asked.Federation.Home(site).Plan?.Injector is { Length: > 0 } own ? own : null));
                break;
            default:
                Unhandled(asked.Question);
                break;
        }
    }

    private void Of(Asked asked, string name, Action<Federation> then)
    {
        var runs = asked.Federation.Running.ToArray();
        if (name.Length == 0 && runs.Length > 1)
        {
            Sender.Tell(new NotFound($"Federations {QueueRules.Names(runs)} run. Say which one is meant."));
            return;
        }

        var id = name.Length > 0 ? new FederationId(name) : runs is [var only] ? only.Plan!.Id : asked.Federation.Plan?.Id;
        var federation = id is not { } meant ? asked.Federation
            : asked.Federation.Named(meant) is { HasEnded: false } ? asked.Federation.About(meant) : asked.Federation.NamedOrQueued(meant);
        if (federation is not null)
            then(federation);
        else
            Sender.Tell(new NotFound($"There is no federation {name} here. 'federation list' tells which there are."));
    }

    // Those of all federations that run.
    private static SiteDirectory.Describe Clients(Asked asked, GetClients q)
    {
        var (journal, latest) = (asked.Federation, asked.Latest);
        if (!asked.MayKnow)
            return new SiteDirectory.Describe(Roster.Empty, null, q.After, asked.Asker, journal.Plan?.Id);
        Federation[] runs = [.. journal.Running];
        var first = runs.FirstOrDefault() ?? journal;
        return new SiteDirectory.Describe(first.Roster, latest.Of(first.OpenRound), q.After, asked.Asker, first.Plan?.Id)
        {
            Beside = [.. runs.Skip(1).Select(f => (f.Roster, latest.Of(f.OpenRound)))],
        };
    }

    private object ResultOf(Federation federation)
    {
        if (federation is { Removed: true })
            return new OperatorMessages.Refused($"Federation {federation.Plan!.Id} was removed; its weights are gone.");
        if (federation is not { GlobalModel: { } model, Adapter: { } adapter } || federation.CommittedRounds == 0)
            return new OperatorMessages.Refused($"{(federation.Plan is { } plan ? $"Federation {plan.Id} has" : "There is")} no model yet.");
        return new Result(model.Hex, adapter.Hex, _server.Holds([model, adapter]) ? _server.Weights : "");
    }

    private void ReadPage(Federation federation, LatestRounds latest, GetRounds q)
    {
        var (asker, clock) = (Sender, _server.Clock);
        Func<Round, int> bytes = q.Clients ? View.Bytes : View.BytesOfSummary;
        Func<Round, RoundView> view = q.Clients ? r => View.Of(r, latest.Since(r, clock)) : r => View.Summary(r, latest.Since(r, clock));
        int from = Math.Max(1, q.From), last = Last(federation), count = Math.Max(0, Math.Min(q.Count, last - from + 1));
        if (count == 1 && latest.Of(new RoundId(federation.Plan!.Id, from)) is { } live)
        {
            asker.Tell(new FederationQueries.Rounds([view(live) with { Waiting = WaitingOf(live, latest) }]));
            return;
        }

        RoundId[] rounds = [.. Enumerable.Range(from, count).Select(n => new RoundId(federation.Plan!.Id, n))];
        Read(rounds, Page.Bytes, j => bytes(j.Round), Answer, asker);

        void Answer(IEnumerable<RoundReader.Journaled> read)
        {
            var (page, _) = Page.Cut(read, j => bytes(j.Round));
            bool ended = page.Length == 0 || page[^1].Id == rounds[^1];
            asker.Tell(new FederationQueries.Rounds([.. page.Select(j => view(j.Round))], ended ? 0 : page[^1].Id.Number + 1));
        }
    }

    private void ReadRound(Federation federation, LatestRounds latest, GetRound q)
    {
        var clock = _server.Clock;
        string waiting = latest.Of(federation.OpenRound) is { } open && open.Id.Number == q.Number ? WaitingOf(open, latest) : "";
        WithRound(federation, latest, q.Number, (round, asker) => asker.Tell(View.Of(round, latest.Since(round, clock), q.After) with { Waiting = waiting }));
    }

    private void WithRound(Federation federation, LatestRounds latest, int number, Action<Round, IActorRef> then)
    {
        if (federation.Plan is { } plan && latest.Of(new RoundId(plan.Id, number)) is { } live)
            then(live, Sender);
        else
            WithJournal(federation, number, (journal, asker) => then(journal.Round, asker));
    }

    private void WithJournal(Federation federation, int number, Action<RoundReader.Journaled, IActorRef> then)
    {
        var (last, asker) = (Last(federation), Sender);
        if (number < 1 || number > last)
        {
            asker.Tell(NoRound(number, last));
            return;
        }

        Read([new RoundId(federation.Plan!.Id, number)], int.MaxValue, _ => 0, Answer, asker);

        void Answer(IReadOnlyList<RoundReader.Journaled> read)
        {
            if (read.Count > 0)
                then(read[0], asker);
            else
                asker.Tell(NoRound(number, last - 1));
        }
    }

    private static void Read(
        RoundId[] rounds, int room, Func<RoundReader.Journaled, int> bytes, Action<IReadOnlyList<RoundReader.Journaled>> answer, IActorRef asker) =>
        Context.ActorOf(Props.Create(() => new RoundReader(rounds, room, bytes, answer, asker)));

    private void Run(Replay replay)
    {
        var (round, plan, asker) = replay;
        // Each takes a thread for files for as long as summing a round does, and rounds need these.
        if (_replaying)
        {
            asker.Tell(new OperatorMessages.Refused("The server replays a round already, one at a time. Ask again when that is done."));
            return;
        }

        _replaying = true;
        var server = _server;
        string output = Path.Combine(server.Scratch, $"{round.Id.FileName}-replay-{++_replays}.safetensors");
        Context.System.Dispatchers.Lookup(Threads.Files).Run(() => RoundReplay.Run(round, plan, server, output))
            .PipeTo(
                Self, success: view => new Replayed(view, asker),
                failure: e => new Replayed(new OperatorMessages.Refused($"Round {round.Id} cannot be replayed: {Reason.WithoutPaths(e.Message)}"), asker));
    }

    private static Story Story(RoundReader.Journaled journal, int from)
    {
        var (lines, more) = Page.Cut(
            RoundStory.Tell(journal.Id, journal.Events).Skip(from).Select(s =>
                new StoryLine(s.At.ToUnixTimeMilliseconds(), Page.Brief(s.Words), s.Kind, s.Site, Page.Brief(s.Samples), s.Loss)),
            l => Page.Of(l.Text, l.Kind, l.Site, l.Samples));
        return new Story(lines, more ? from + lines.Length : 0);
    }

    private static string WaitingOf(Round round, LatestRounds latest) => round.HasEnded ? "" : latest.WaitingOf(round.Id);

    // The last round that may have been opened; it may not have, when a federation ended just before.
    private static int Last(Federation federation) => federation.CommittedRounds + ((federation.OpenRound ?? federation.UnfinishedRound) is null ? 0 : 1);

    private static NotFound NoRound(int number, int last) =>
        new(last == 0 ? "No round was opened yet." : $"There is no round {number}; there are 1 to {last}.");

    /// <summary>A question, and what the federation's actor knew when it was asked.</summary>
    /// <param name="Question">The question.</param>
    /// <param name="Federation">The federation that began last, with those before it.</param>
    /// <param name="Latest">The rounds opened last, and what federations wait for.</param>
    internal sealed record Asked(IQuestion Question, Federation Federation, LatestRounds Latest) : INoSerializationVerificationNeeded
    {
        /// <summary>The site that asks; null where it is somebody who runs the servers.</summary>
        public ClientId? Asker { get; init; }

        /// <summary>Whether what runs concerns who asks.</summary>
        public bool MayKnow { get; init; } = true;

        /// <summary>A site's question: it hears of the federations that it takes or took part in, and of no other.</summary>
        public static Asked By(AskedBy asked, Federation federation, LatestRounds latest) => federation.Home(asked.Site).Concerns(asked.Site)
            ? new Asked(asked.Question, federation.SeenBy(asked.Site), latest) { Asker = asked.Site }
            : new Asked(asked.Question, federation.SeenBy(asked.Site), LatestRounds.None) { Asker = asked.Site, MayKnow = false };
    }

    private sealed record Replay(Round Round, FederationPlan Plan, IActorRef Asker) : INoSerializationVerificationNeeded;

    private sealed record Replayed(IWireMessage Answer, IActorRef Asker) : INoSerializationVerificationNeeded;
}
