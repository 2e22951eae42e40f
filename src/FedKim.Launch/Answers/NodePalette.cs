using System.Collections.Immutable;
using FedKim.Commands.Answers;
using FedKim.Commands.Handlers;
using FedKim.Commands.Host;

namespace FedKim.Launch.Answers;

/// <summary>The palette <c>node</c>.</summary>
public sealed class NodePalette : INodePalette
{
    private static readonly Palette<IAnsweringNode> Own = new("node", "The node itself.");

    /// <summary><c>node show</c>.</summary>
    public static readonly Command<IAnsweringNode> Show = Own.Item("show", "Shows its site, its roles, its process and what it does.", [], async (node, _, cancel) =>
    {
        var (own, activity) = (node.Configuration, await node.ActivityAsync(cancel));
        return CommandRow.Of(
            ("site", own.Site), ("roles", own.Roles.ToArray()), ("pid", (long)Environment.ProcessId), ("work", Caller.Now is { IsHere: false } ? "" : Path.GetFullPath(own.Work)),
            ("activity", activity?.Name ?? ""), ("on", activity?.Work ?? ""), ("problem", activity?.Problem ?? ""),
            ("certificate", node.CertificateEnds is { } ends ? CertificateEnd.Of(ends, TimeProvider.System.GetUtcNow()) : "none"));
    }).Formerly("status");

    /// <summary><c>node work</c>.</summary>
    public static readonly Command<IAnsweringNode> Work = Own.Rows("work", "Lists what a hospital has trained and sent, a line a round, in all its processes together.", [], (node, _, _) =>
    {
        try
        {
            return Task.FromResult<IReadOnlyList<CommandRow>>([.. node.Work().Select(work => CommandRow.Of(
                ("round", work.Round), ("trained", (long)work.Trained), ("updates", (long)work.Updates), ("sent", (long)work.Sent), ("bytes", work.Bytes),
                ("lastSent", work.LastSent > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(work.LastSent) : (DateTimeOffset?)null)))]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw MachineWord.Unread(node.Configuration.Site, $"What {node.Configuration.Site} has trained and sent", e);
        }
    });

    /// <inheritdoc/>
    public Palette<IAnsweringNode> Palette => Own;

    /// <inheritdoc/>
    public ImmutableArray<Command<IAnsweringNode>> Commands => [Show, Work];
}
