using System.Runtime.CompilerServices;
using System.Text;
using Akka.Actor;
using Akka.Cluster;
using FedKim.Actors;
using FedKim.Commands;
using FedKim.Configuration;
using FedKim.Launch.Answers;
using FedKim.Launch.Reports;
using FedKim.Protocol;
using FedKim.Rounds;
using FedKim.Transfer;
using static FedKim.Protocol.FederationQueries;

namespace FedKim.Node.Hosting;

/// <summary>Answers a node's commands from its actor system and from the federation's actor, wherever that is.</summary>
internal static class NodeCommands
{
    // A server that is there answers a question, or a page of it, at once; how long a whole command may take stands in its palette.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ActivityWithin = TimeSpan.FromMilliseconds(500);

    /// <param name="node">The node.</param>
    /// <param name="store">The node's weights.</param>
    /// <param name="system">The node's actor system; null while it starts.</param>
    /// <param name="server">The way to the federation's actor; null while the system starts.</param>
    /// <param name="work">The node's own hospital or injector; null while it starts, and where it is neither.</param>
    public static CommandTable Bind(
        NodeConfiguration node, WeightStore store, Func<ActorSystem?> system, Func<IActorRef?> server, Func<IActorRef?> work)
    {
        return new CommandTable(Palettes.All)
            .Bind("node status", async (_, cancel) => NodeStatus.Row(node, await ActivityOf(work(), cancel)))
            .Bind("node work", (_, _) => Task.FromResult(Work(node)))
            .Bind("cluster show", (_, _) => Task.FromResult(Members(system() ?? throw Starting())))
            .Bind("federation status", async (invocation, cancel) => FederationStatus.Row(await Federation(Name(invocation), cancel)))
            .Bind("federation report", async (invocation, cancel) => CommandRow.Message((await Report(Name(invocation), cancel)).ToJson()))
            .Bind("federation submit", async (invocation, cancel) => FederationStatus.Submitted(
                await Ask<FederationView>(OperatorMessages.Submit.Of(Plan(invocation.Text("text")!)), cancel)))
            .Bind("federation list", async (_, cancel) => (IReadOnlyList<CommandRow>)[.. (await Federations(cancel)).Select(FederationStatus.Summary)])
            .Bind("federation stop", async (invocation, cancel) => FederationStatus.Stopped(
                await Ask<FederationView>(new OperatorMessages.Stop(invocation.Text("cause")!), cancel)))
            .Bind("federation resume", async (invocation, cancel) => FederationStatus.Stopped(
                await Ask<FederationView>(new OperatorMessages.Resume(new FederationId(Name(invocation))), cancel)))
            .Bind("federation remove", async (invocation, cancel) => FederationStatus.Removed(await Remove(invocation, cancel)))
            .Bind("federation result", async (invocation, cancel) => FederationStatus.Result(await Ask<Result>(new GetResult(Name(invocation)), cancel)))
            .Bind("federation plan", async (invocation, cancel) => CommandRow.Message(await Text(from => new GetPlan(Name(invocation), from), cancel)))
            .Bind("round list", async (invocation, cancel) => (IReadOnlyList<CommandRow>)[.. (await List(invocation, cancel)).Select(RoundStatus.Row)])
            .Bind("round show", async (invocation, cancel) => RoundStatus.Details(await Round(invocation, "round", cancel)))
            .Bind("round why", async (invocation, cancel) => (IReadOnlyList<CommandRow>)[.. (await Story(invocation, cancel)).Select(RoundStatus.Line)])
            .Bind("round replay", async (invocation, cancel) =>
                RoundStatus.Replayed(await Ask<ReplayView>(new GetReplay(Number(invocation, "round"), Name(invocation)), cancel, Timeout.InfiniteTimeSpan)))
            .Bind("round diff", async (invocation, cancel) => RoundDifference.Rows(
                await Round(invocation, "first", cancel), await Round(invocation, "second", cancel)))
            .Bind("client list", async (_, cancel) => (IReadOnlyList<CommandRow>)[.. (await Clients(cancel)).Select(ClientStatus.Row)])
            .Bind("journal backup", (CommandHandler)((invocation, cancel) => Backup(node, store, invocation.Text("out")!, cancel)))
            .Bind("injector status", async (_, cancel) => InjectorReply.Row(await Ask<InjectorView>(new GetInjector(), cancel)));

        async Task<T> Ask<T>(IWireMessage question, CancellationToken cancel, TimeSpan? within = null)
        {
            try
            {
                object answer = await (server() ?? throw Starting()).Ask(question, within ?? Silence, cancel);
                return answer switch
                {
                    NotFound none => throw new CommandException(CommandFault.Failed, none.Message),
                    OperatorMessages.Refused refused => throw new CommandException(CommandFault.Failed, refused.Reason),
                    _ => (T)answer,
                };
            }
            catch (AskTimeoutException e)
            {
                throw new CommandException(CommandFault.Failed, "The federation's server does not answer. It is starting, or this node cannot reach it.", e);
            }
        }

        // What may be long comes in pages.
        async Task<FederationView> Federation(string name, CancellationToken cancel)
        {
            var whole = await Ask<FederationView>(new GetFederation(name), cancel);
            while (whole.Next.Length > 0)
            {
                var page = await Ask<FederationView>(new GetFederation(name, whole.Next), cancel);
                whole = page with { Invited = [.. whole.Invited, .. page.Invited] };
            }

            return whole;
        }

        async Task<List<FederationView>> Federations(CancellationToken cancel)
        {
            var federations = new List<FederationView>();
            int from = 0;
            do
            {
                var page = await Ask<FederationQueries.Federations>(new GetFederations(from), cancel);
                federations.AddRange(page.Items);
                from = page.Next;
            }
            while (from > 0);
            return federations;
        }

        async Task<List<RoundView>> List(CommandInvocation invocation, CancellationToken cancel)
        {
            string name = Name(invocation);
            int from = invocation.Number("last") is { } last
                ? (int)Math.Max(1, (await Ask<FederationView>(new GetFederation(name), cancel)).CommittedRounds + 2 - last)
                : 1;
            return await Rounds(name, from, clients: false, cancel);
        }

        async Task<List<RoundView>> Rounds(string name, int from, bool clients, CancellationToken cancel)
        {
            var rounds = new List<RoundView>();
            do
            {
                var page = await Ask<FederationQueries.Rounds>(new GetRounds(from, Federation: name, Clients: clients), cancel);
                foreach (var round in page.Items)
                    rounds.Add(await Whole(name, round, cancel));
                from = page.Next;
            }
            while (from > 0);
            return rounds;
        }

        async Task<RoundView> Round(CommandInvocation invocation, string which, CancellationToken cancel) =>
            await Whole(Name(invocation), await Ask<RoundView>(new GetRound(Number(invocation, which), Name(invocation)), cancel), cancel);

        async Task<RoundView> Whole(string name, RoundView round, CancellationToken cancel)
        {
            while (round.Next.Length > 0)
            {
                var page = await Ask<RoundView>(new GetRound(round.Number, name, round.Next), cancel);
                round = page with
                {
                    Invited = [.. round.Invited, .. page.Invited],
                    Accepted = [.. round.Accepted, .. page.Accepted],
                    Dropped = [.. round.Dropped, .. page.Dropped],
                };
            }

            return round;
        }

        async Task<List<StoryLine>> Story(CommandInvocation invocation, CancellationToken cancel)
        {
            var lines = new List<StoryLine>();
            int from = 0;
            do
            {
                var page = await Ask<FederationQueries.Story>(new GetStory(Number(invocation, "round"), Name(invocation), from), cancel);
                lines.AddRange(page.Lines);
                from = page.Next;
            }
            while (from > 0);
            return lines;
        }

        async Task<List<ClientView>> Clients(CancellationToken cancel)
        {
            var clients = new List<ClientView>();
            string after = "";
            do
            {
                var page = await Ask<FederationQueries.Clients>(new GetClients(after), cancel);
                clients.AddRange(page.Items);
                after = page.Next;
            }
            while (after.Length > 0);
            return clients;
        }

        async Task<Report> Report(string name, CancellationToken cancel)
        {
            var federation = await Federation(name, cancel);
            return FederationReport.Of(federation, await Rounds(federation.Federation, 1, clients: true, cancel), await Text(from => new GetEvaluation(federation.Federation, from), cancel));
        }

        async Task<FederationView> Remove(CommandInvocation invocation, CancellationToken cancel)
        {
            string name = Name(invocation);
            if (!invocation.Flag("yes"))
                throw new CommandException(CommandFault.Failed, $"The model and the adapters of federation {name} would be deleted from all servers. Say --yes if that is meant.");
            return await Ask<FederationView>(new OperatorMessages.Remove(new FederationId(name)), cancel);
        }

        async Task<string> Text(Func<int, IWireMessage> question, CancellationToken cancel)
        {
            var text = new StringBuilder();
            int from = 0;
            do
            {
                var page = await Ask<FederationQueries.Text>(question(from), cancel);
                text.Append(page.Part);
                from = page.Next;
            }
            while (from > 0);
            return text.ToString();
        }
    }

    private static async IAsyncEnumerable<CommandRow> Backup(NodeConfiguration node, WeightStore store, string folder, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (node.Journal is not { } journal)
            throw new CommandException(CommandFault.Failed, $"{node.Site} is no server and keeps no journal. Ask a server's node.");
        if (!Path.IsPathFullyQualified(folder))
            throw new CommandException(CommandFault.Failed, $"\"{folder}\" does not start at the root; this node's own folder is not yours. Write the whole path.");
        Actors.Backup backup;
        try
        {
            // Copying waits for disks.
            backup = await Task.Factory.StartNew(
                () => Actors.Backup.MakeAsync(journal, store, node.Site, folder, TimeProvider.System, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
        }
        catch (Exception e) when (e is JournalException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException(CommandFault.Failed, $"The copy was not made: {e.Message}", e);
        }
        foreach (var file in backup.Files)
            yield return CommandRow.Of(("file", file.Name), ("bytes", file.Bytes), ("sha256", file.Sha256), ("problem", ""));
        foreach (string digest in backup.Missing)
            yield return CommandRow.Of(("file", $"weights/{digest}"), ("bytes", 0L), ("sha256", digest), ("problem", "this server does not hold it yet; whoever does gives it to the restored one"));
    }
    private static string Name(CommandInvocation invocation) => invocation.Text("federation") ?? "";

    private static int Number(CommandInvocation invocation, string name) => (int)Math.Clamp(invocation.Number(name)!.Value, int.MinValue, int.MaxValue);

    private static FederationPlan Plan(string text)
    {
        try
        {
            return FederationFile.ParseText(text);
        }
        catch (InvalidConfigurationException e)
        {
            throw new CommandException(CommandFault.Failed, string.Join(" ", e.Problems), e);
        }
    }

    // Asked of the node's own actor: it answers while no server can be reached, too. Null where it does nothing by itself, or is not up yet.
    private static async Task<Activity?> ActivityOf(IActorRef? work, CancellationToken cancel)
    {
        if (work is null)
            return null;
        try
        {
            return await work.Ask<Activity>(new GetActivity(), ActivityWithin, cancel);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    private static IReadOnlyList<CommandRow> Work(NodeConfiguration node)
    {
        try
        {
            return [.. WorkRecord.Read(Path.Combine(node.Work, NodeHost.Rounds)).Select(NodeStatus.Work)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(CommandFault.Failed, $"What {node.Site} has trained and sent cannot be read: {e.Message}", e);
        }
    }

    private static IReadOnlyList<CommandRow> Members(ActorSystem system)
    {
        var state = Cluster.Get(system).State;
        return
        [
            .. state.Members.OrderBy(member => member.Address.ToString(), StringComparer.Ordinal).Select(member => CommandRow.Of(
                ("address", $"{member.Address.Host}:{member.Address.Port}"),
                ("roles", member.Roles.Order(StringComparer.Ordinal).ToArray()),
                ("status", member.Status.ToString()),
                ("reachable", !state.Unreachable.Contains(member)),
                ("leader", member.Address == state.Leader))),
        ];
    }

    private static CommandException Starting() => new(CommandFault.Failed, "The node is starting or joining the cluster again. Ask again in a moment.");
}
