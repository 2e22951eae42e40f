using System.Collections.Immutable;
using System.Globalization;
using FedKim.Data.Demo;
using FedKim.Node.Configuration;
using FedKim.Node.Hosting;
using FedKim.Node.Reports;
using FedKim.Rounds;

namespace FedKim.Node.Up;

/// <summary>Everything a run needs before its first process starts.</summary>
/// <param name="Folder">Where it lies.</param>
/// <param name="Plan">The federation.</param>
/// <param name="Nodes">The nodes, server first.</param>
internal sealed record RunSetup(RunFolder Folder, FederationPlan Plan, ImmutableArray<NodePlan> Nodes)
{
    /// <summary>Makes or takes up a run: its folder, its federation, its data, a file a node.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="current">The current folder.</param>
    /// <param name="say">Told what takes a while.</param>
    /// <exception cref="InvalidConfigurationException">An option, the federation file or a folder cannot be used, or a port is taken.</exception>
    public static RunSetup Prepare(UpOptions options, string current, Action<string> say)
    {
        string file = options.Federation ?? Path.Combine(AppContext.BaseDirectory, "federations", "demo.conf");
        var (plan, text) = FederationFile.Parse(file, Overrides(options));
        var folder = RunFolder.Open(options.Work, plan.Id.Value, current);
        if (folder.Resumed)
        {
            RefuseOptionsOfAnotherRun(options, folder);
            plan = FederationFile.Parse(folder.Federation).Plan;
        }

        ImmutableArray<string> hospitals = [.. plan.Clients.Select(client => client.Value)];
        string data = options.Data is { } given ? Path.GetFullPath(given, current) : folder.Data;
        if (options.Data is null && plan.Method == FederationFile.Rehearsal)
        {
            foreach (string site in hospitals.Append(SiteNames.Server))
                Directory.CreateDirectory(Path.Combine(data, site));
        }
        else if (options.Data is null)
            MakeDemoData(folder.Data, FederationFile.Sites(folder.Resumed ? folder.Federation : file, folder.Resumed ? [] : Overrides(options)), plan.Seed, file, say);
        CheckData(data, hospitals);

        int servers = options.Servers ?? Math.Max(1, folder.Servers);
        var nodes = NodePlan.Of(servers, hospitals, Ports.Free(hospitals.Length + 1 + (2 * servers)), options.CommandPort);
        CheckCommandPorts(nodes, options.CommandPort);
        foreach (var node in nodes)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.Output(node.Site))!);
            TextFile.Write(folder.NodeFile(node.Site), node.File(nodes, node.DataFolder(data), Path.GetFileName(folder.Federation), options.Journal, options.Timing));
        }
        if (!folder.Resumed)
            TextFile.Write(folder.Federation, $"# Written by fedkim up from {Path.GetFullPath(file)}.\n{text}");
        return new RunSetup(folder, plan, nodes);
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

    private static void RefuseOptionsOfAnotherRun(UpOptions options, RunFolder folder)
    {
        string[] given =
        [
            .. options.Federation is null ? Array.Empty<string>() : ["--federation"],
            .. options.Seed is null ? Array.Empty<string>() : ["--seed"],
            .. options.Rounds is null ? Array.Empty<string>() : ["--rounds"],
            .. options.Hospitals is null ? Array.Empty<string>() : ["--hospitals"],
        ];
        if (given.Length > 0)
        {
            throw new InvalidConfigurationException(
                [$"--work {options.Work}: a run lies there, which {string.Join(" and ", given)} cannot change. Leave the option out to take it up again, or name a new folder."]);
        }
        if (options.Data is null && !Directory.Exists(folder.Data))
            throw new InvalidConfigurationException([$"--work {options.Work}: the run that lies there has its data elsewhere. Name it again with --data."]);
    }

    /// <summary>Makes the demo's data in a folder where it does not hold them already.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="hospitals">The hospitals' names.</param>
    /// <param name="seed">The data's seed.</param>
    /// <param name="file">The federation file, for the error.</param>
    /// <param name="say">Told what takes a while.</param>
    /// <exception cref="InvalidConfigurationException">The federation is of other sites than the demo's.</exception>
    public static void MakeDemoData(string folder, ImmutableArray<string> hospitals, long seed, string file, Action<string> say)
    {
        if (!hospitals.ToHashSet().SetEquals(Enumerable.Range(0, hospitals.Length).Select(DemoSites.Name)))
        {
            throw new InvalidConfigurationException(
                [$"{file}: federation.clients names other sites than the demo's hospital-a, hospital-b, …. Name the folder of their data with --data."]);
        }
        say($"Demo data for {hospitals.Length} hospitals in {folder}");
        DemoData.Generate(folder, hospitals.Length, seed);
    }

    private static void CheckData(string data, ImmutableArray<string> hospitals)
    {
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
