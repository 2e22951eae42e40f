using FedKim.Commands.Palettes;
using FedKim.Configuration;
using FedKim.Rounds;

namespace FedKim.Chaos.Running;

/// <summary>
/// Waits until a node that was struck works again, as the node itself says: a hospital is at the open round's work or has contributed to it,
/// the injector is at its work, a server knows where the federation stands. One that nothing is asked of has to be in a cluster with a server.
/// </summary>
/// <param name="cluster">The node's cluster.</param>
/// <param name="federation">The federation's name.</param>
/// <param name="rounds">How many rounds it has.</param>
internal sealed class RecoveryWatch(RunningCluster cluster, string federation, int rounds)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns as soon as the node works again.</summary>
    public async Task WaitAsync(ClusterNode node, CancellationToken cancel)
    {
        while (!await WorksAsync(node, cancel))
            await Task.Delay(LookEvery, cancel);
    }

    private async Task<bool> WorksAsync(ClusterNode node, CancellationToken cancel)
    {
        if (node.Plan.Role == NodeRoles.Server)
            return await cluster.AskAsync(node.IsRunning ? [node] : cluster.Servers, new CommandInvocation("federation", "status"), cancel) is not null;
        if (await cluster.AskAsync(node, new CommandInvocation("node", "status"), cancel) is not [var status, ..] || $"{status["activity"]}".Length == 0)
            return false;
        bool works = $"{status["on"]}".Length > 0 && $"{status["problem"]}".Length == 0 && $"{status["activity"]}" is not ("idle" or "broken" or "resting");
        if (node.Plan.Role == NodeRoles.Injector)
            return works || (Open() is not { Progress.Phase: Phase.Injecting } && await IsJoinedAsync(node, cancel));
        return Open() is { Progress.Phase: Phase.Training } open && !open.Answered.Contains(node.Site)
            ? works && $"{status["on"]}" == open.Round
            : await IsJoinedAsync(node, cancel);
    }

    private (string Round, RoundProgress Progress, HashSet<string> Answered)? Open()
    {
        for (int number = rounds; number > 0; number--)
        {
            var events = cluster.Journal.Events($"{federation}/{number}");
            if (events.Count > 0)
                return ($"{federation}/{number}", RoundProgress.Of(events), events.Select(e => e.Client).Where(c => c.Length > 0).ToHashSet());
        }

        return null;
    }

    // A hospital on an outbound link is in no cluster: the door that it is connected to stands in a member's place.
    private async Task<bool> IsJoinedAsync(ClusterNode node, CancellationToken cancel) =>
        await cluster.AskAsync(node, new CommandInvocation("cluster", "show"), cancel) is { } members
        && members.Any(m => IsMember($"{m["status"]}") && $"{m["reachable"]}" == "yes"
            && $"{m["roles"]}".Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Contains(NodeRoles.Server));

    private static bool IsMember(string status) => status == "Up" || status.StartsWith("connected to ", StringComparison.Ordinal);
}
