namespace FedKim.Chaos.Running;

/// <summary>One federation of a cluster, as the journal tells it from here on.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="name">A name that no federation of it has yet.</param>
/// <param name="rounds">How many rounds it has.</param>
internal sealed class FederationStory(RunningCluster cluster, string name, int rounds)
{
    // Later than all that was there before it was submitted.
    private readonly long _before = cluster.Journal.Events("federation").LastOrDefault()?.Number ?? 0;

    /// <summary>The federation's cluster.</summary>
    public RunningCluster Cluster => cluster;

    /// <summary>The federation's name.</summary>
    public string Name => name;

    /// <summary>How many rounds it has.</summary>
    public int Rounds => rounds;

    /// <summary>When it began.</summary>
    public DateTimeOffset Begin { get; } = TimeProvider.System.GetUtcNow();

    /// <summary>The events of a round.</summary>
    public IReadOnlyList<JournalEvent> Events(int round) => cluster.Journal.Events($"{name}/{round}");

    /// <summary>Where a round stands.</summary>
    public RoundProgress Progress(int round) => RoundProgress.Of(Events(round));

    /// <summary>How it ended; null while it has not.</summary>
    public string? Ended() => cluster.Journal.Events("federation").FirstOrDefault(e => e.Number > _before && e.Manifest is ("f.eval" or "f.fail" or "f.stop")) switch
    {
        null => null,
        { Manifest: "f.eval" } => "complete",
        _ => "failed",
    };

    /// <summary>Where it stands, for somebody who waits for its end.</summary>
    public string Standing() => Ended() is { } end
        ? $"the federation is {end}, but no server gives its report."
        : $"the federation has not ended: {string.Join("; ", Enumerable.Range(1, rounds).Select(r => (Number: r, Progress: Progress(r))).Where(r => r.Number == 1 || r.Progress.Events > 0).TakeLast(2).Select(r => $"round {r.Number} is {r.Progress}"))}.";

    /// <summary>Its own events, and each round's.</summary>
    public IEnumerable<(string Title, IReadOnlyList<JournalEvent> Events)> Parts() =>
    [
        ("federation", [.. cluster.Journal.Events("federation").Where(e => e.Number > _before && e.Stored >= Begin)]),
        .. Enumerable.Range(1, rounds).Select(r => ($"round {r}", Events(r))),
    ];

    /// <summary>Seconds since it began.</summary>
    public double Seconds(DateTimeOffset at) => Math.Round((at - Begin).TotalSeconds, 3);
}
