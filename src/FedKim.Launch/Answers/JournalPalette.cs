using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using FedKim.Actors.Journals;
using FedKim.Commands;
using FedKim.Commands.Answers;
using FedKim.Commands.Handlers;
using FedKim.Commands.Host;
using FedKim.Commands.Palettes;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>journal</c>.</summary>
public sealed class JournalPalette : INodePalette
{
    /// <summary>Where a copy goes.</summary>
    public static readonly CommandSwitch Out = new("out", "o", "Folder on this node's machine; it must be empty, or not there yet.", Required: true);

    /// <summary>How many events are wanted.</summary>
    public static readonly CommandSwitch Last = new("last", "n", "At first only so many, the latest.", SwitchKind.Number, Default: "10");

    private const int MostEvents = 1000;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private static readonly Palette<IAnsweringNode> Own = new("journal", "The server's journal.");

    /// <summary><c>journal backup</c>.</summary>
    public static readonly Command<IAnsweringNode> Backup = Own.Stream(
        "backup", "Copies this server whole, its journal and the weights it names, while it runs; a line a file.", [Out], (node, asked, cancel) => Copy(node, asked.Text(Out)!, cancel));

    /// <summary><c>journal show</c>.</summary>
    public static readonly Command<IAnsweringNode> Show = Own.Item("show", "Shows where the journal is, and how much is in it.", [], async (node, _, cancel) =>
    {
        var journal = Of(node);
        var state = await Reading(node, () => JournalSchema.CheckAsync(journal, cancel));
        return CommandRow.Of(
            ("journal", Caller.Now is { IsHere: false } ? "" : journal.Place), ("schema", (long?)state.Schema), ("current", state.IsCurrent), ("events", state.Events),
            ("federations", state.Federations), ("leases", state.Leases));
    });

    /// <summary><c>journal tail</c>.</summary>
    public static readonly Command<IAnsweringNode> Tail = Own.Stream(
        "tail", "Lists the latest events, and each that is stored; 'round why' tells what they say.", [Last], (node, asked, cancel) => Follow(node, asked, TimeProvider.System, cancel));

    /// <summary><c>journal check</c>.</summary>
    public static readonly Command<IAnsweringNode> Check = Own.Rows("check", "Reads the whole journal and lists what is wrong with it; changes nothing.", [], async (node, _, cancel) =>
    {
        var journal = Of(node);
        return [.. (await Reading(node, () => JournalCheck.RunAsync(journal, cancel))).Select(found => CommandRow.Of(
            ("history", found.History), ("event", found.Number), ("problem", found.Problem)))];
    }, CommandLimits.Long);

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [Show, Tail, Check, Backup];

    private static async IAsyncEnumerable<CommandRow> Follow(IAnsweringNode node, CommandInvocation asked, TimeProvider time, [EnumeratorCancellation] CancellationToken cancel)
    {
        var journal = Of(node);
        var events = await Reading(node, () => JournalReading.LastAsync(journal, (int)Math.Clamp(asked.Number(Last)!.Value, 1, MostEvents), cancel));
        long latest = 0;
        while (true)
        {
            foreach (var one in events)
            {
                latest = one.Ordering;
                yield return CommandRow.Of(("place", one.Ordering), ("history", one.History), ("event", one.Number), ("kind", one.Kind), ("bytes", (long)one.Bytes));
            }

            if (events.Count < MostEvents)
                await Task.Delay(LookEvery, time, cancel);
            events = await Reading(node, () => JournalReading.AfterAsync(journal, latest, MostEvents, cancel));
        }
    }

    private static Journal Of(IAnsweringNode node) => node.Configuration.Journal switch
    {
        null => throw new CommandException(CommandFault.Failed, $"{node.Configuration.Site} is no server and keeps no journal. Ask a server's node."),
        { Provider: JournalProvider.Memory } => throw new CommandException(CommandFault.Failed, $"{node.Configuration.Site} keeps its journal in memory, where nobody else can read it."),
        var journal => journal,
    };

    private static async Task<T> Reading<T>(IAnsweringNode node, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (JournalException e)
        {
            throw MachineWord.Unread(node.Configuration.Site, "The journal", e);
        }
    }

    private static async IAsyncEnumerable<CommandRow> Copy(IAnsweringNode node, string folder, [EnumeratorCancellation] CancellationToken cancel)
    {
        string site = node.Configuration.Site;
        if (Caller.Now is { IsHere: false })
            throw new CommandException(CommandFault.Failed, $"A copy is written on {site}'s machine, and asked for there.");
        if (node.Configuration.Journal is not { } journal)
            throw new CommandException(CommandFault.Failed, $"{site} is no server and keeps no journal. Ask a server's node.");
        if (!Path.IsPathFullyQualified(folder))
            throw new CommandException(CommandFault.Failed, $"\"{folder}\" does not start at the root; this node's own folder is not yours. Write the whole path.");
        Actors.Journals.Backup backup;
        try
        {
            // Copying waits for disks.
            backup = await Task.Factory.StartNew(
                () => Actors.Journals.Backup.MakeAsync(journal, node.Weights, site, folder, TimeProvider.System, cancel), cancel, TaskCreationOptions.LongRunning,
                    TaskScheduler.Default).Unwrap();
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
}
