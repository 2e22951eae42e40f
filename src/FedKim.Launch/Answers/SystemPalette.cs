using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using FedKim.Commands.Answers;
using FedKim.Commands.Handlers;
using FedKim.Configuration;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>system</c>.</summary>
public sealed class SystemPalette : INodePalette
{
    private const double Mebibyte = 1 << 20;

    private static readonly Palette<IAnsweringNode> Own = new("system", "The node's process: what it needs, and what it was told.");

    /// <summary><c>system show</c>.</summary>
    public static readonly Command<IAnsweringNode> Show = Own.Item("show", "Shows the process: its version, its age, its memory and its threads.", [], (_, _, _) =>
    {
        using var process = Process.GetCurrentProcess();
        var age = TimeProvider.System.GetUtcNow() - process.StartTime.ToUniversalTime();
        return Task.FromResult(CommandRow.Of(
            ("version", Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion), ("runtime", $".NET {Environment.Version}"),
            ("pid", (long)Environment.ProcessId), ("upSeconds", (long)age.TotalSeconds), ("processorSeconds", Math.Round(process.TotalProcessorTime.TotalSeconds, 1)),
            ("processors", (long)Environment.ProcessorCount), ("threads", (long)process.Threads.Count), ("residentMebibytes", Mebibytes(process.WorkingSet64)),
            ("peakMebibytes", Mebibytes(process.PeakWorkingSet64)), ("managedMebibytes", Mebibytes(GC.GetTotalMemory(forceFullCollection: false))),
            ("collections", Enumerable.Range(0, GC.MaxGeneration + 1).Select(generation => $"generation {generation}: {GC.CollectionCount(generation)}").ToArray())));
    }).Formerly("status");

    /// <summary><c>system config</c>.</summary>
    public static readonly Command<IAnsweringNode> Config = Own.Rows("config", "Lists what the node's file says, with what it leaves out filled in; no passwords.", [], (node, _, _) =>
    {
        MachineWord.CheckHere(node, "What a node's file says");
        return Task.FromResult<IReadOnlyList<CommandRow>>([.. Settings(node.Configuration).Select(setting => CommandRow.Of(("setting", setting.Name), ("value", setting.Value)))]);
    });

    /// <summary><c>system gc</c>.</summary>
    public static readonly Command<IAnsweringNode> Gc = Own.Message("gc", "Gives memory back that the process does not use any more; it stands still meanwhile.", [], (node, _, _) =>
        Task.FromResult(string.Create(CultureInfo.InvariantCulture, $"{Mebibytes(node.Machinery.Collect()):0.#} MiB are given back")))
        .Asking("Let the node stand still for a moment, and give memory back?");

    /// <summary><c>system threads</c>.</summary>
    public static readonly Command<IAnsweringNode> Threads = Own.Rows("threads", "Lists the process's threads by their names, with the processor time that they took.", [], (_, _, _) =>
    {
        using var process = Process.GetCurrentProcess();
        return Task.FromResult<IReadOnlyList<CommandRow>>(
        [
            .. process.Threads.Cast<ProcessThread>().Select(thread => (Name: NameOf(thread.Id), Seconds: SecondsOf(thread))).GroupBy(thread => thread.Name)
                .Select(same => (Name: same.Key, Count: same.Count(), Seconds: same.Sum(thread => thread.Seconds))).OrderByDescending(same => same.Seconds)
                .Select(same => CommandRow.Of(("name", same.Name), ("threads", (long)same.Count), ("processorSeconds", Math.Round(same.Seconds, 2)))),
            CommandRow.Of(("name", "work that waits for a thread"), ("threads", ThreadPool.PendingWorkItemCount), ("processorSeconds", (double?)null)),
        ]);
    });

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [Show, Config, Gc, Threads];

    private static double Mebibytes(long bytes) => Math.Round(bytes / Mebibyte, 1);

    // Of an ended thread nothing is known any more.
    private static string NameOf(int thread)
    {
        try
        {
            return OperatingSystem.IsLinux() ? File.ReadAllText($"/proc/self/task/{thread.ToString(CultureInfo.InvariantCulture)}/comm").Trim() : "thread";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "ended";
        }
    }

    private static double SecondsOf(ProcessThread thread)
    {
        try
        {
            return OperatingSystem.IsLinux() || OperatingSystem.IsWindows() ? thread.TotalProcessorTime.TotalSeconds : 0;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or System.ComponentModel.Win32Exception)
        {
            return 0;
        }
    }

    private static IEnumerable<(string Name, string Value)> Settings(NodeConfiguration node) =>
    [
        ("file", Path.GetFullPath(node.File)),
        ("fedkim.site", node.Site),
        ("fedkim.roles", string.Join(", ", node.Roles)),
        ("fedkim.work", node.Work),
        ("fedkim.data", node.Data),
        ("fedkim.security", node.IsSecured ? "on" : "off"),
        ("fedkim.extensions", string.Join(", ", node.Extensions)),
        ("fedkim.cluster.link", Lower(node.Link)),
        ("fedkim.cluster.host", node.Host),
        ("fedkim.cluster.port", Text(node.Port)),
        ("fedkim.cluster.bind", node.Bind),
        ("fedkim.cluster.bind-port", Text(node.BindPort)),
        ("fedkim.cluster.seeds", string.Join(", ", node.Seeds)),
        ("fedkim.cluster.doors", string.Join(", ", node.Doors)),
        ("fedkim.cluster.servers", Text(node.Servers)),
        ("fedkim.cluster.timing", Lower(node.Timing)),
        ("fedkim.cluster.admits", string.Join(", ", node.Admits)),
        ("fedkim.weights.port", Text(node.WeightsPort)),
        ("fedkim.weights.bind-port", Text(node.WeightsBindPort)),
        ("fedkim.commands.port", Text(node.CommandPort)),
        ("fedkim.server.federation", node.Federation),
        ("fedkim.server.parallel", Text(node.Parallel)),
        ("fedkim.journal", node.Journal?.Place ?? ""),
        ("fedkim.journal.create", node.CreateJournal ? "on" : "off"),
        ("fedkim.injector.device", node.Injector?.Name ?? ""),
        ("fedkim.injector.products", node.Injector?.Products ?? ""),
        ("fedkim.hospital.device", node.Trainer?.Name ?? ""),
        ("fedkim.torch.folder", node.TorchFolder),
        ("fedkim.torch.bits", node.TorchBits),
        ("fedkim.log.level", LogPalette.Name(node.LogLevel.ToString())),
    ];

    private static string Lower(Enum value) => value.ToString().ToLowerInvariant();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
