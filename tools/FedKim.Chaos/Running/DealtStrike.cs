using System.Collections.Concurrent;

namespace FedKim.Chaos.Running;

/// <summary>Something was struck.</summary>
/// <param name="What">As the scenario says it.</param>
/// <param name="Nodes">The nodes that were struck.</param>
/// <param name="At">When.</param>
/// <param name="Standing">Where the round stood right after: events of one batch cannot be told apart.</param>
/// <param name="Round">Which round that is.</param>
internal sealed record DealtStrike(string What, IReadOnlyList<ClusterNode> Nodes, DateTimeOffset At, RoundProgress Standing, int Round)
{
    /// <summary>When it was over; null before.</summary>
    public DateTimeOffset? RecoversFrom { get; set; }

    /// <summary>Whether it was the journal's database that was struck: what waits for it works again when it stores something.</summary>
    public bool OfDatabase { get; init; }

    /// <summary>Whether the coordinator was among them.</summary>
    public bool OfCoordinator { get; init; }

    /// <summary>How long each node took until it worked again, s.</summary>
    public ConcurrentDictionary<ClusterNode, double> Recovered { get; } = [];
}
