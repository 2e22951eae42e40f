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

    private static readonly Palette<IAnsweringNode> Own = new("journal", "The server's journal.");

    /// <summary><c>journal backup</c>.</summary>
    public static readonly Command<IAnsweringNode> Backup = Own.Stream(
        "backup", "Copies this server whole, its journal and the weights it names, while it runs; a line a file.", [Out], (node, asked, cancel) => Copy(node, asked.Text(Out)!, cancel));

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [Backup];

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
