using FedKim.Attackers;
using FedKim.Rounds;

namespace FedKim.Chaos.Running;

/// <summary>Lets those at a cluster who attack it, and looks whether each was refused and stands in the server's audit log.</summary>
internal static class HostilePart
{
    /// <summary>Tries all attacks of a group.</summary>
    /// <exception cref="ScenarioFailure">One was obeyed, could not be tried, or is not named in the audit log.</exception>
    public static Task AttackAsync(RunningCluster cluster, RoundId open, string group, CancellationToken cancel) =>
        CheckAsync(cluster, open, target => Campaign.RunAsync(target, Campaign.Groups[group], cancel), cancel);

    /// <summary>Contributes in an invited site's place what is no update.</summary>
    /// <exception cref="ScenarioFailure">It counts, or is not named in the audit log.</exception>
    public static Task LieAsync(RunningCluster cluster, RoundId open, string site, CancellationToken cancel) =>
        CheckAsync(cluster, open, target => new LyingHospital(target, site).LieAsync(LyingHospital.Lies[..1], cancel), cancel);

    private static async Task CheckAsync(RunningCluster cluster, RoundId open, Func<Target, Task<IReadOnlyList<Tried>>> attack, CancellationToken cancel)
    {
        using var target = new Target(cluster.Folder.Path, [.. cluster.Nodes.Select(node => node.Plan)], open);
        foreach (var (name, outcome) in await attack(target))
        {
            if (outcome.Obeyed.Length > 0)
                throw new ScenarioFailure($"Of the attack \"{name}\": {outcome.Obeyed}");
            if (await Campaign.MissingAsync(target, outcome, cancel) is { IsEmpty: false } missing)
                throw new ScenarioFailure($"The audit log has nothing of the attack \"{name}\": {string.Join(", ", missing)}");
        }
    }
}
