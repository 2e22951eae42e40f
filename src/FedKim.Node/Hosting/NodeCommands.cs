using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Cluster;
using FedKim.Actors;
using FedKim.Commands;
using FedKim.Node.Answers;
using FedKim.Node.Configuration;
using FedKim.Node.Reports;
using FedKim.Protocol;
using FedKim.Rounds;
using FedKim.Transfer;
using static FedKim.Protocol.FederationQueries;

namespace FedKim.Node.Hosting;

/// <summary>Answers a node's commands from its actor system and from the federation's actor, wherever that is.</summary>
internal static class NodeCommands
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(3);
    // It sums the round's updates.
    private static readonly TimeSpan ReplayWithin = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ActivityWithin = TimeSpan.FromMilliseconds(500);
    private const int Page = 100;

    /// <param name="node">The node.</param>
    /// <param name="store">The node's weights.</param>
    /// <param name="system">The node's actor system; null while it starts.</param>
    /// <param name="server">The way to the federation's actor; null while the system starts.</param>
    public static CommandTable Bind(NodeConfiguration node, WeightStore store, Func<ActorSystem?> system, Func<IActorRef?> server)
    {
        return new CommandTable(Palettes.All)
            .Bind("node status", async (_, cancel) => NodeStatus.Row(node, await ActivityOf(system(), node, cancel)))
            .Bind("node work", (_, _) => Task.FromResult(Work(node)))
            .Bind("cluster show", (_, _) => Task.FromResult(Members(system() ?? throw Starting())))
            .Bind("federation status", async (_, cancel) => FederationStatus.Row(await Ask<FederationView>(new GetFederation(), cancel)))
            .Bind("federation report", async (_, cancel) => CommandRow.Message(
                FederationReport.Of(await Ask<FederationView>(new GetFederation(), cancel), await Details(await Rounds(cancel), cancel)).ToJsonString()))
            .Bind("federation submit", async (invocation, cancel) => FederationStatus.Submitted(
                await Ask<FederationView>(OperatorMessages.Submit.Of(Plan(invocation.Text("text")!)), cancel)))
            .Bind("federation list", async (_, cancel) => (IReadOnlyList<CommandRow>)[.. (await Ask<Federations>(new GetFederations(), cancel)).Items.Select(FederationStatus.Summary)])
            .Bind("federation stop", async (invocation, cancel) => FederationStatus.Stopped(
                await Ask<FederationView>(new OperatorMessages.Stop(invocation.Text("cause")!), cancel)))
            .Bind("round list", async (_, cancel) => (IReadOnlyList<CommandRow>)[.. (await Rounds(cancel)).Select(RoundStatus.Row)])
            .Bind("round show", async (invocation, cancel) => RoundStatus.Details(await Round((int)invocation.Number("round")!.Value, cancel)))
            .Bind("round why", async (invocation, cancel) =>
                (IReadOnlyList<CommandRow>)[.. (await Ask<Story>(new GetStory((int)invocation.Number("round")!.Value), cancel)).Lines.Select(RoundStatus.Line)])
            .Bind("round replay", async (invocation, cancel) =>
                RoundStatus.Replayed(await Ask<ReplayView>(new GetReplay((int)invocation.Number("round")!.Value), cancel, ReplayWithin)))
            .Bind("round diff", async (invocation, cancel) => RoundDifference.Rows(
                await Round((int)invocation.Number("first")!.Value, cancel), await Round((int)invocation.Number("second")!.Value, cancel)))
            .Bind("client list", async (_, cancel) => (IReadOnlyList<CommandRow>)[.. (await Ask<Clients>(new GetClients(), cancel)).Items.Select(ClientStatus.Row)])
            .Bind("journal backup", (CommandHandler)((invocation, cancel) => Backup(node, store, invocation.Text("out")!, cancel)))
            .Bind("injector status", async (_, cancel) => InjectorReply.Row(await Ask<InjectorView>(new GetInjector(), cancel)));

        async Task<T> Ask<T>(IWireMessage question, CancellationToken cancel, TimeSpan? within = null)
        {
            try
            {
                object answer = await (server() ?? throw Starting()).Ask(question, within ?? AnswerWithin, cancel);
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

        async Task<List<RoundView>> Rounds(CancellationToken cancel)
        {
            var rounds = new List<RoundView>();
            RoundView[] page;
            do
            {
                page = (await Ask<FederationQueries.Rounds>(new GetRounds(rounds.Count == 0 ? 1 : rounds[^1].Number + 1, Page), cancel)).Items;
                rounds.AddRange(page);
            }
            while (page.Length == Page);
            return rounds;
        }

        Task<RoundView> Round(int number, CancellationToken cancel) => Ask<RoundView>(new GetRound(number), cancel);

        async Task<List<RoundView>> Details(List<RoundView> rounds, CancellationToken cancel)
        {
            var details = new List<RoundView>();
            foreach (var round in rounds)
                details.Add(await Round(round.Number, cancel));
            return details;
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
    private static async Task<Activity?> ActivityOf(ActorSystem? system, NodeConfiguration node, CancellationToken cancel)
    {
        string? actor = node.Is(NodeRoles.Hospital) ? "hospital" : node.Is(NodeRoles.Injector) ? "injector" : null;
        if (system is null || actor is null)
            return null;
        try
        {
            return await system.ActorSelection($"/user/{actor}").Ask<Activity>(new GetActivity(), ActivityWithin, cancel);
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
