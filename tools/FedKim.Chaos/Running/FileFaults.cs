using FedKim.Chaos.Faults;
using FedKim.Chaos.Scenarios;
using FedKim.Configuration;

namespace FedKim.Chaos.Running;

/// <summary>What a scenario does to files of nodes that run.</summary>
/// <param name="cluster">The nodes.</param>
/// <param name="strikes">Where it is written down.</param>
internal sealed class FileFaults(RunningCluster cluster, StrikeLog strikes)
{
    private static readonly TimeProvider Clock = TimeProvider.System;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(20);

    /// <summary>Changes a bit of a file of each node, as soon as there is one.</summary>
    public async Task DamageAsync(Steps.Damage step, int round, CancellationToken cancel)
    {
        foreach (var node in cluster.Named(step.Node))
        {
            string damaged = await SoonAsync(
                () => FileDamage.Flip(node.Work, step.File, JournalDigests.Of(strikes.Story.Events(round), step.File)),
                $"{node.Site} has no {step.File} to damage.", cancel);
            strikes.Mark("fault", $"{step}: {Path.GetRelativePath(node.Work, damaged)}");
        }
    }

    /// <summary>Takes what nobody told the disk to keep from nodes, none of which runs. Where the server's power alone is cut, its spools keep their keys.</summary>
    public void TakeUnsynced(Steps.CutPower step, IReadOnlyCollection<ClusterNode> nodes)
    {
        bool all = nodes.Count == cluster.Nodes.Length;
        foreach (var node in nodes)
            strikes.Mark("fault", $"{step}: {PowerCut.Take(node.Work, node.Plan.Role == NodeRoles.Server, keepsKeys: !all)} files of {node.Site}");
    }

    /// <summary>Removes a folder of each node, as soon as there is one.</summary>
    public async Task RemoveAsync(Steps.Remove step, CancellationToken cancel)
    {
        foreach (var node in cluster.Named(step.Node))
        {
            string removed = await SoonAsync(() => FileDamage.Remove(node.Work, step.Folder) ? step.Folder : null, $"{node.Site} has no folder {step.Folder} to remove.", cancel);
            strikes.Mark("fault", $"{step}: {removed}");
        }
    }

    // What is to be damaged may be written only in a moment.
    private static async Task<string> SoonAsync(Func<string?> attempt, string problem, CancellationToken cancel)
    {
        long begun = Clock.GetTimestamp();
        while (true)
        {
            if (attempt() is { } done)
                return done;
            if (Clock.GetElapsedTime(begun) > Within)
                throw new ScenarioFailure(problem);
            await Task.Delay(LookEvery, Clock, cancel);
        }
    }
}
