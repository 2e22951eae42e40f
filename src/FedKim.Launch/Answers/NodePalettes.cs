using System.Collections.Immutable;
using FedKim.Commands.Handlers;

namespace FedKim.Launch.Answers;

/// <summary>Every command that a node answers.</summary>
public static class NodePalettes
{
    /// <summary>The commands, in the order in which help lists them.</summary>
    public static ImmutableArray<Command<IAnsweringNode>> All { get; } =
    [
        NodePalette.Status, NodePalette.Work,
        ClusterPalette.Show,
        FederationPalette.Submit, FederationPalette.List, FederationPalette.Stop, FederationPalette.Status, FederationPalette.Resume,
        FederationPalette.Remove, FederationPalette.Result, FederationPalette.Plan, FederationPalette.Report,
        RoundPalette.List, RoundPalette.Show, RoundPalette.Why, RoundPalette.Replay, RoundPalette.Diff,
        ClientPalette.List,
        JournalPalette.Backup,
        InjectorPalette.Status,
    ];
}
