using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using FedKim.Actors;
using FedKim.Certificates;
using FedKim.Configuration;
using FedKim.Data.Demo;
using FedKim.Launch.Machine;
using FedKim.Models;
using FedKim.Rounds;

namespace FedKim.Launch;

/// <summary>Everything a run needs before its first process starts. Disposing lets other processes into its folder.</summary>
/// <param name="Folder">Where it lies.</param>
/// <param name="Plan">The federation.</param>
/// <param name="Nodes">The nodes, server first.</param>
/// <param name="Lock">Keeps its folder to this process.</param>
public sealed record RunSetup(RunFolder Folder, FederationPlan Plan, ImmutableArray<NodePlan> Nodes, IDisposable Lock) : IDisposable
{
    // For the demonstration's data, and as much for its models and journal.
    private const long LeastRoom = 2 * DemoData.Room;

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Makes or takes up a run: its folder, its federation, its data, a file a node. What can be wrong is looked at first: nothing is made,
    /// and nobody waits, for a run that cannot start.
    /// </summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="current">The current folder.</param>
    /// <param name="say">Told what takes a while.</param>
    /// <param name="cancel">Ends it; the same options take up what was made.</param>
    /// <exception cref="InvalidConfigurationException">An option, the federation file or a folder cannot be used, or a port is taken.</exception>
    public static RunSetup Prepare(UpOptions options, string current, Action<string> say, CancellationToken cancel = default)
    {
        string file = options.Federation ?? Path.Combine(AppContext.BaseDirectory, "federations", "demo.conf");
        var (asked, text) = FederationFile.Parse(file, Overrides(options));
        if (options.Report is { } report)
            OutputPaths.CheckFile("--report", Path.GetFullPath(report, current));
        var (folder, held) = RunFolder.Open(options.Work, asked.Id.Value, current);
        try
        {
            if (folder.Resumed)
            {
                folder.LoadPackages();
                RefuseAnotherRun(options, folder, asked);
                (file, text) = (folder.Federation, "");
            }
            var plan = folder.Resumed ? folder.Plan() : asked;
            var hospitals = FederationFile.Sites(plan);
            int servers = options.Servers ?? Math.Max(1, folder.Servers);
            int perNode = Math.Min(hospitals.Length, options.PerNode ?? folder.PerNodeUsed ?? 1);
            var nodes = PlanNodes(options, folder, servers, hospitals, perNode, plan.Injector, cancel);
            string data = options.Data is { } given ? Path.GetFullPath(given, current) : folder.DataUsed ?? folder.Data;
            bool own = data == folder.Data;
            if (!own)
                CheckData(data, hospitals);
            if (!folder.Resumed)
                options.Journal?.CheckEmpty(cancel);
            FileLimit.Check(FileLimit.OfUp(nodes.Length));
            DiskRoom.Check(options.Work is null ? "work" : $"--work {options.Work}", folder.Path, own && plan.Method != FederationFile.Rehearsal ? LeastRoom : 0);

            // From here on the same options take the run up.
            if (!folder.Resumed)
                TextFile.Write(folder.Federation, $"# Written by fedkim up from {Path.GetFullPath(file)}.\n{text}");
            if (own && plan.Method == FederationFile.Rehearsal)
            {
                foreach (string site in hospitals.Append(SiteNames.Server))
                    PrivateFiles.MakeFolder(Path.Combine(data, site));
            }
            else if (own)
            {
                MakeDemoData(data, FederationFile.Sites(file, folder.Resumed ? [] : Overrides(options)), plan.Seed, file, say, cancel);
            }

            CheckData(data, hospitals);
            WriteNodes(options, folder, plan, nodes, data);
            return new RunSetup(folder, plan, nodes, held);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CertificateException)
        {
            held.Dispose();
            throw new InvalidConfigurationException([$"{folder.Path}: the run cannot be written there: {e.Message} Make room, or name another folder with --work."]);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Lock.Dispose();

    private static ImmutableArray<NodePlan> PlanNodes(
        UpOptions options, RunFolder folder, int servers, ImmutableArray<string> hospitals, int perNode, string injector, CancellationToken cancel)
    {
        int holders = NodePlan.NodesOf(hospitals.Length, perNode);
        string[] taken = [.. Enumerable.Range(1, servers).Select(SiteNames.NumberedServer).Append(SiteNames.Injector)];
        if (hospitals.FirstOrDefault(taken.Contains) is { } twice)
        {
            throw new InvalidConfigurationException(
                [$"{folder.Federation}: federation.clients names {twice}, which is what fedkim up calls another node. Give the site another name."]);
        }
        if (injector.Length > 0 && injector != SiteNames.Injector)
        {
            throw new InvalidConfigurationException(
                [$"{folder.Federation}: federation.injector is {injector}, and fedkim up starts one injector, {SiteNames.Injector}. Take the setting out."]);
        }
        int first = options.CommandPort ?? folder.CommandPortUsed ?? UpOptions.DefaultCommandPort;
        int count = servers + 1 + holders;
        if (first < 1 || first + count - 1 > IPEndPoint.MaxPort)
        {
            throw new InvalidConfigurationException(
                [$"--pbm-port {first}: {count} nodes take a port each from it on, and ports are 1 to {IPEndPoint.MaxPort}. Choose 1 to {IPEndPoint.MaxPort - count + 1}."]);
        }
        int needed = holders + 1 + (2 * servers);
        var free = Ports.Free(needed);
        if (free.Length < needed)
            throw new InvalidConfigurationException([$"The nodes need {needed} free ports of this machine, and there are {free.Length}. End what holds them."]);
        var nodes = NodePlan.Of(servers, hospitals, free, first, perNode);
        if (folder.Resumed)
            AwaitEarlierNodes(folder, nodes, cancel);
        CheckCommandPorts(nodes, first);
        return nodes;
    }

    /// <summary>Nodes of a run whose <c>fedkim up</c> was killed take a moment to end, and hold their ports until then.</summary>
    private static void AwaitEarlierNodes(RunFolder folder, ImmutableArray<NodePlan> nodes, CancellationToken cancel)
    {
        int left = (int)((FedKimProgram.StopLimit + FedKimProgram.StopLimit) / LookAgain);
        foreach (string own in nodes.Select(node => Path.Combine(folder.Path, node.Site, FedKimProgram.LockName)).Where(File.Exists))
        {
            while (left-- > 0 && !IsFree(own))
                cancel.WaitHandle.WaitOne(LookAgain);
            cancel.ThrowIfCancellationRequested();
        }

        static bool IsFree(string path)
        {
            using var free = FolderLock.TryTake(path);
            return free is not null;
        }
    }

    private static void WriteNodes(UpOptions options, RunFolder folder, FederationPlan plan, ImmutableArray<NodePlan> nodes, string data)
    {
        var timing = options.Timing ?? folder.TimingUsed ?? Timing.Steady;
        // Who carries several hospitals takes part by the only link that speaks for several, and without certificates: see CarriedSites.
        bool carry = nodes.Any(node => !node.Carries.IsEmpty);
        var link = options.Link ?? (carry ? SiteLink.Member : FederationFile.Sites(plan).Select(folder.LinkUsed).FirstOrDefault() ?? SiteLink.Outbound);
        var journal = options.Journal ?? folder.JournalUsed ?? RunJournal.Sqlite;
        bool secured = options.Secured ?? folder.SecuredUsed ?? !carry;
        // A run that began before there was a choice began with this machine's. The demonstration is small enough to be the same everywhere by itself.
        bool demo = options.Federation is null && !folder.Resumed;
        string products = options.Products ?? folder.ProductsUsed ?? TorchProducts.Float32;
        bool alike = demo && products != TorchProducts.Tf32 && TorchRuntime.CanComputeAlike;
        string bits = options.Bits ?? folder.BitsUsed ?? (alike ? TorchBits.SameEverywhere : TorchBits.ThisMachine);
        if (secured)
            RunCertificates.Make(folder.Path, nodes);
        // Servers that the run had and has no more would count as its own the next time.
        foreach (string gone in Enumerable.Range(1, folder.Servers).Select(SiteNames.NumberedServer).Except(nodes.Select(node => node.Site)).ToArray())
            File.Delete(folder.NodeFile(gone));
        foreach (var node in nodes)
        {
            PrivateFiles.MakeFolder(Path.GetDirectoryName(folder.Output(node.Site))!);
            string text = node.File(nodes, node.DataFolder(data), Path.GetFileName(folder.Federation), journal, timing, link, secured, bits, products);
            TextFile.Write(folder.NodeFile(node.Site), text);
        }
    }

    private static ImmutableArray<Override> Overrides(UpOptions options)
    {
        var overrides = options.Settings.ToBuilder();
        if (options.Seed is { } seed)
            overrides.Add(new Override("federation.seed", seed.ToString(CultureInfo.InvariantCulture), "--seed"));
        if (options.Rounds is { } rounds)
            overrides.Add(new Override("federation.rounds", rounds.ToString(CultureInfo.InvariantCulture), "--rounds"));
        if (options.Hospitals is { } hospitals)
        {
            string clients = string.Join(", ", Enumerable.Range(0, hospitals).Select(DemoSites.Name));
            overrides.Add(new Override("federation.clients", $"[{clients}]", "--hospitals"));
        }
        return overrides.ToImmutable();
    }

    /// <summary>The options that made a run take it up again; others cannot change it.</summary>
    private static void RefuseAnotherRun(UpOptions options, RunFolder folder, FederationPlan asked)
    {
        var plan = folder.Plan();
        string? difference = null;
        if (options.Federation is not null || options.Settings.Length > 0)
        {
            difference = PlanDifference.First(plan, asked) is { } found ? $"of --federation {options.Federation}: {found}" : null;
        }
        else
        {
            // The file is the run's own then, and the options must say what it says.
            difference = options.Seed is { } seed && seed != plan.Seed ? $"--seed was {plan.Seed} and is {seed}" : null;
            difference ??= options.Rounds is { } rounds && rounds != plan.Rounds ? $"--rounds was {plan.Rounds} and is {rounds}" : null;
            var sites = FederationFile.Sites(folder.Federation);
            difference ??= options.Hospitals is { } hospitals && !sites.ToHashSet().SetEquals(Enumerable.Range(0, hospitals).Select(DemoSites.Name))
                ? $"--hospitals is {hospitals}, and its sites are {string.Join(", ", sites)}" : null;
        }
        // What a hospital has finished lies in the folder of the process that carries it.
        if (options.PerNode is { } perNode && folder.PerNodeUsed is { } used && Math.Min(perNode, FederationFile.Sites(plan).Length) != used)
            difference ??= $"--per-node was {used} and is {perNode}";
        // What was computed stays, and what follows would not be what one machine or the other computes.
        if (options.Bits is { } bits && bits != (folder.BitsUsed ?? TorchBits.ThisMachine))
            difference ??= $"--bits was {folder.BitsUsed ?? TorchBits.ThisMachine} and is {bits}";
        if (options.Products is { } products && products != (folder.ProductsUsed ?? TorchProducts.Float32))
            difference ??= $"--products was {folder.ProductsUsed ?? TorchProducts.Float32} and is {products}";
        if (difference is not null)
        {
            throw new InvalidConfigurationException(
                [$"--work {options.Work}: another run lies there, which cannot be changed; {difference}. Leave the option out to take it up again, or name a new folder."]);
        }
    }

    /// <summary>Makes the demo's data in a folder where it does not hold them already.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="hospitals">The hospitals' names.</param>
    /// <param name="seed">The data's seed.</param>
    /// <param name="file">The federation file, for the error.</param>
    /// <param name="say">Told what takes a while.</param>
    /// <param name="cancel">Ends it; the data are made anew the next time.</param>
    /// <exception cref="InvalidConfigurationException">The federation is of other sites than the demo's.</exception>
    public static void MakeDemoData(string folder, ImmutableArray<string> hospitals, long seed, string file, Action<string> say, CancellationToken cancel = default)
    {
        if (!hospitals.ToHashSet().SetEquals(Enumerable.Range(0, hospitals.Length).Select(DemoSites.Name)))
        {
            throw new InvalidConfigurationException(
                [$"{file}: federation.clients names other sites than the demo's hospital-a, hospital-b, …. Name the folder of their data with --data."]);
        }
        say($"Demo data for {hospitals.Length} hospitals in {folder}");
        DemoData.Generate(folder, hospitals.Length, seed, cancel);
    }

    private static void CheckData(string data, ImmutableArray<string> hospitals)
    {
        if (!Directory.Exists(data))
            throw new InvalidConfigurationException([$"--data {data}: there is no such folder. Name the folder with a folder a site."]);
        string[] missing = [.. hospitals.Append(SiteNames.Server).Where(site => !Directory.Exists(SiteNames.DataFolder(data, site)))];
        if (missing.Length > 0)
        {
            throw new InvalidConfigurationException(missing.Select(site =>
                $"--data {data}: there is no folder {site} in it. Each site has its own; {SiteNames.Server} holds public, development and test data."));
        }
    }

    private static void CheckCommandPorts(ImmutableArray<NodePlan> nodes, int first)
    {
        string[] taken =
        [
            .. nodes.Where(node => !Ports.IsFree(node.CommandPort)).Select(node =>
                $"--pbm-port {first}: port {node.CommandPort} of {node.Site} is in use. End what listens there, or choose another first port: "
                + $"{nodes.Length} ports from it on must be free."),
        ];
        if (taken.Length > 0)
            throw new InvalidConfigurationException(taken);
    }
}
