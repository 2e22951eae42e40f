using System.Collections.Immutable;
using FedKim.Commands;
using FedKim.Commands.Answers;
using FedKim.Commands.Handlers;
using FedKim.Commands.Palettes;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>log</c>.</summary>
public sealed class LogPalette : INodePalette
{
    /// <summary>How many lines are wanted.</summary>
    public static readonly CommandSwitch Last = new("last", "n", "Only so many, the latest.", SwitchKind.Number, Default: "20");

    /// <summary>What the log is to tell.</summary>
    public static readonly CommandSwitch Level = new("level", "l", "The least severe lines that are told: debug, info, warning or error; without it, it is shown what they are.");

    private const int MostLines = 10_000;
    private static readonly string[] Levels = ["debug", "info", "warning", "error"];

    private static readonly Palette<IAnsweringNode> Own = new("log", "The node's log.");

    /// <summary><c>log peek</c>.</summary>
    public static readonly Command<IAnsweringNode> Peek = Own.Rows("peek", "Lists the last lines of the log.", [Last], async (node, asked, cancel) =>
        await LogLines.LastAsync(Folder(node), Wanted(asked), cancel));

    /// <summary><c>log tail</c>.</summary>
    public static readonly Command<IAnsweringNode> Tail = Own.Stream("tail", "Lists the last lines of the log, and each that comes.", [Last], Follow);

    /// <summary><c>log level</c>.</summary>
    public static readonly Command<IAnsweringNode> ShowLevel = Own.Message("level", "Shows or changes what the log tells; a change lasts until the node ends.", [Level], (node, asked, _) =>
    {
        if (asked.Text(Level) is { } level)
        {
            if (!Levels.Contains(level))
            {
                string near = NearestName.To(level, Levels) is { } name ? $" Did you mean '{name}'?" : "";
                throw new CommandException(CommandFault.Failed, $"The log has no level '{level}'; it has {string.Join(", ", Levels)}.{near}");
            }

            node.Machinery.SetLogLevel(level);
        }

        return Task.FromResult($"The log tells {node.Machinery.LogLevel} and what is more severe");
    }).Asking("Tell {level} and what is more severe in the log, until the node ends?", when: Level);

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [Peek, Tail, ShowLevel];

    /// <summary>A level as it is written in a node's file.</summary>
    public static string Name(string level) => level.ToLowerInvariant() switch
    {
        "information" => "info",
        "verbose" => "debug",
        "fatal" => "error",
        var other => other,
    };

    private static IAsyncEnumerable<CommandRow> Follow(IAnsweringNode node, CommandInvocation asked, CancellationToken cancel) =>
        LogLines.FollowAsync(Folder(node), Wanted(asked), TimeProvider.System, cancel);

    private static string Folder(IAnsweringNode node)
    {
        MachineWord.CheckHere(node, "A node's log");
        return Path.Combine(node.Configuration.Work, "log");
    }

    private static int Wanted(CommandInvocation asked) => (int)Math.Clamp(asked.Number(Last)!.Value, 0, MostLines);
}
