using System.Collections.Immutable;
using FedKim.Actors;
using FedKim.Chaos.Scenarios;
using FedKim.Commands;
using FedKim.Commands.Answers;
using FedKim.Commands.Client;
using FedKim.Commands.Palettes;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Launch.Reports;
using FedKim.Launch.Supervision;

namespace FedKim.Chaos.Running;

/// <summary>A cluster of real processes in a folder of its own. Disposing it ends every one of them and removes the folder.</summary>
internal sealed class RunningCluster : IAsyncDisposable
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(4);

    private readonly string _folder;
    private readonly Surroundings _surroundings;

    private RunningCluster(
        string folder, RunFolder run, Timing timing, SiteLink link, ImmutableArray<ClusterNode> nodes, Surroundings surroundings, IJournal journal)
    {
        (_folder, Folder, Timing, Nodes, _surroundings, Journal) = (folder, run, timing, nodes, surroundings, journal);
        // Whoever has an outbound link is in no cluster; the servers tell whether it is there.
        Members = link == SiteLink.Outbound ? [.. nodes.Where(n => n.Plan.Role != NodeRoles.Hospital)] : nodes;
    }

    public ImmutableArray<ClusterNode> Nodes { get; }

    /// <summary>The nodes that are in the cluster.</summary>
    public ImmutableArray<ClusterNode> Members { get; }

    public IJournal Journal { get; }

    /// <summary>What lies around the nodes: proxies, network, disks.</summary>
    public Surroundings Surroundings => _surroundings;

    /// <summary>Whether the folder stays when the cluster is ended, for who wants to know what went wrong.</summary>
    public bool Keep { get; set; }

    /// <summary>The folder of the run.</summary>
    public RunFolder Folder { get; }

    /// <summary>How soon the nodes take silence for loss.</summary>
    public Timing Timing { get; }

    public IEnumerable<ClusterNode> Servers => Nodes.Where(n => n.Plan.Role == NodeRoles.Server);

    public IEnumerable<ClusterNode> Hospitals => Nodes.Where(n => n.Plan.Role == NodeRoles.Hospital);

    /// <summary>Starts a cluster; its server opens a federation named <paramref name="first"/>, which nobody disturbs.</summary>
    /// <exception cref="NotRunnableException">This machine cannot give the nodes what is asked for.</exception>
    public static async Task<RunningCluster> StartAsync(Setting setting, Timing timing, SiteLink link, string first, long seed, CancellationToken cancel)
    {
        string folder = Directory.CreateTempSubdirectory("fedkim-chaos-").FullName;
        var surroundings = Surroundings.Of(setting.Place);
        IJournal? journal = null;
        try
        {
            string file = Path.Combine(folder, "trial.conf");
            await File.WriteAllTextAsync(file, TrialPlan.Text(setting with { Deadline = null }, first, seed), cancel);
            var setup = RunSetup.Prepare(
                new UpOptions
                {
                    Federation = file,
                    Work = Path.Combine(folder, "run"),
                    CommandPort = Ports.FreeRow(setting.Hospitals + setting.Servers + 1),
                    Servers = setting.Servers,
                    Timing = timing,
                    Link = link,
                },
                folder,
                _ => { });
            await surroundings.PrepareAsync(setup, cancel);
            journal = setting.Journal == Setting.Postgres ? await PostgresJournal.StartAsync(setup) : new SqliteJournalFile(surroundings.JournalFile(setup.Folder));
            var nodes = setup.Nodes.Select(node => surroundings.Process(node, setup.Folder)).ToImmutableArray();
            var cluster = new RunningCluster(folder, setup.Folder, timing, link, nodes, surroundings, journal);
            foreach (var node in nodes)
                node.Start();
            return cluster;
        }
        catch
        {
            if (journal is not null)
                await journal.DisposeAsync();
            await surroundings.DisposeAsync();
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>The nodes that a name in a scenario stands for now.</summary>
    /// <exception cref="ScenarioException">It stands for none.</exception>
    public IReadOnlyList<ClusterNode> Named(string name) => [.. name.Split(" and ").SelectMany(One).Distinct()];

    /// <summary>Whether a name in a scenario stands for this site, now.</summary>
    public bool Means(string name, string site) => Named(name).Any(n => n.Site == site);

    private IReadOnlyList<ClusterNode> One(string name) => name switch
    {
        "everything" => Nodes,
        "servers" => [.. Servers],
        "hospitals" => [.. Hospitals],
        "coordinator" => [Coordinator()],
        "bystander" => Servers.FirstOrDefault(s => s.IsRunning && s != Coordinator()) is { } bystander
            ? [bystander]
            : throw new ScenarioException("There is no bystander: a server that does not coordinate. Say: given 3 servers"),
        _ => Nodes.FirstOrDefault(n => n.Site == name) is { } node
            ? [node]
            : throw new ScenarioException($"There is no node {name}; there are coordinator, bystander, servers, hospitals, everything, {string.Join(", ", Nodes.Select(n => n.Site))}."),
    };

    /// <summary>The server that hosts the coordinator: the one that took over last, by the journal.</summary>
    public ClusterNode Coordinator() =>
        Journal.Events("federation").LastOrDefault(e => e.Coordinator.Length > 0) is { Coordinator: var site } && Servers.FirstOrDefault(s => s.Site == site) is { } leads
            ? leads
            : Servers.First();

    /// <summary>A command's rows from the first server that answers; null while none does.</summary>
    public Task<IReadOnlyList<CommandRow>?> AskAsync(CommandInvocation invocation, CancellationToken cancel) => AskAsync(Servers, invocation, cancel);

    /// <summary>A command's rows from the first of these nodes that answers; null while none does.</summary>
    public async Task<IReadOnlyList<CommandRow>?> AskAsync(IEnumerable<ClusterNode> nodes, CommandInvocation invocation, CancellationToken cancel)
    {
        foreach (var node in nodes.Where(s => s.IsRunning))
        {
            // One that starts, or whose cluster does, gives none; another one may.
            if (await AskAsync(node, invocation, cancel) is { } rows)
                return rows;
        }

        return null;
    }

    /// <summary>Hands a federation to the servers, again until one has taken it.</summary>
    public async Task SubmitAsync(string text, CancellationToken cancel)
    {
        while (await AskAsync(new CommandInvocation("federation", "submit").With("text", text), cancel) is null)
            await Task.Delay(200, cancel);
    }

    /// <summary>The report of the federation that runs or ran last.</summary>
    public async Task<Report> ReportAsync(CancellationToken cancel)
    {
        while (true)
        {
            if (await AskAsync(new CommandInvocation("federation", "report"), cancel) is [var row, ..])
                return Report.Parse(row["message"].ToString()!);
            await Task.Delay(200, cancel);
        }
    }

    /// <summary>Waits until every node runs, knows of every other in the cluster that it is a reachable member, and has said hello.</summary>
    /// <param name="within">How long that may take.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Who is missing, in words, when that does not come to pass; empty otherwise.</returns>
    public async Task<string> SettleAsync(TimeSpan within, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(within);
        string missing = "nobody answers.";
        try
        {
            while ((missing = await MissingAsync(limit.Token)).Length > 0 && Nodes.All(n => n.IsRunning))
                await Task.Delay(200, limit.Token);
            return missing;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return $"after {within.TotalSeconds:0} s {missing}";
        }
    }

    // The first node that is not where it belongs, in words; empty when all are.
    private async Task<string> MissingAsync(CancellationToken cancel)
    {
        if (Nodes.FirstOrDefault(n => !n.IsRunning) is { } ended)
            return $"{ended.Site} does not run: {ended.Standing()}";
        // Of those who lack somebody, the one who is lacked sees the fewest.
        var (apart, seen) = (await Task.WhenAll(Members.Select(async n => (Node: n, Seen: await SeenAsync(n, cancel))))).MinBy(n => n.Seen);
        if (seen < Members.Length)
            return $"{apart.Site} sees {seen} of {Members.Length} nodes as members: {apart.Standing()}";
        if (await AskAsync(new CommandInvocation("client", "list"), cancel) is not { } clients)
            return "no server tells of the hospitals.";
        var idle = clients.Where(c => c["present"].ToString() == "yes" && c["activity"].ToString() == "idle").Select(c => c["client"].ToString()).ToHashSet();
        if (Hospitals.FirstOrDefault(h => !idle.Contains(h.Site)) is { } away)
            return $"{away.Site} is not present and idle: {away.Standing()}";
        if (clients.Count != Hospitals.Count())
            return $"the servers know of {clients.Count} hospitals, not of {Hospitals.Count()}.";
        return await AskAsync(new CommandInvocation("injector", "status"), cancel) is [var injector, ..] && injector["present"].ToString() == "yes"
            ? ""
            : "the injector is not present.";
    }

    // That the leader has taken a node in is known to the others a moment later; a leader that is struck before leaves no cluster behind.
    private async Task<int> SeenAsync(ClusterNode node, CancellationToken cancel)
    {
        var members = await AskAsync(node, new CommandInvocation("cluster", "show"), cancel) ?? [];
        int up = members.Count(m => m["status"].ToString() == "Up" && m["reachable"].ToString() == "yes");
        // Somebody who does not belong to it, or has left and is not forgotten yet, is one too many.
        return members.Count == Members.Length ? up : Math.Min(up, Members.Length - 1);
    }

    /// <summary>A command's rows from a node; null while it does not answer.</summary>
    public async Task<IReadOnlyList<CommandRow>?> AskAsync(ClusterNode node, CommandInvocation invocation, CancellationToken cancel)
    {
        try
        {
            await using var client = await CommandClient.ConnectAsync(new NodeAddress("127.0.0.1", node.Plan.CommandPort), AnswerWithin, cancel);
            var rows = new List<CommandRow>();
            await foreach (var row in client.InvokeAsync(invocation, cancel))
                rows.Add(row);
            return rows;
        }
        catch (Exception e) when (e is CommandException or IOException)
        {
            return null;
        }
    }

    /// <summary>Processes of this run that nobody here started, or that should have ended.</summary>
    public IReadOnlyList<int> StrayProcesses() =>
        [.. ProcessTable.Nodes(Folder.Path).Select(n => n.Pid).Except(Nodes.Where(n => n.IsRunning).Select(n => n.Pid))];

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Nodes.Select(n => n.DisposeAsync().AsTask()));
        foreach (int pid in StrayProcesses())
            Signal.Kill.Send(pid);
        await Journal.DisposeAsync();
        await _surroundings.DisposeAsync();
        if (!Keep)
            Directory.Delete(_folder, recursive: true);
    }
}
