using System.Collections.Immutable;
using FedKim.Chaos.Scenarios;

namespace FedKim.Chaos.Results;

/// <summary>How a scenario ended.</summary>
internal sealed record ScenarioResult(Scenario Scenario)
{
    /// <summary>Why it could not be tried on this machine; empty when it was.</summary>
    public string NotRunnable { get; init; } = "";

    /// <summary>The federation was completed, everything expected came to pass, and no node was lost over it.</summary>
    public bool Survived { get; init; }

    /// <summary>Every digest of its report is that of the undisturbed run.</summary>
    public bool HashEqual { get; init; }

    /// <summary>Contributions that were trained again after they were finished, or sent again after they were accepted.</summary>
    public int Retrained { get; init; }

    /// <summary>Seconds from the restart of what was struck until the round moved on; null when nothing was left to do.</summary>
    public double? RecoverySeconds { get; init; }

    /// <summary>Seconds until the next event in the journal.</summary>
    public double? NextEventSeconds { get; init; }

    /// <summary>Seconds until a coordinator that came back asked for what was missing.</summary>
    public double? AsksSeconds { get; init; }

    /// <summary>What is wrong, as far as anything is; empty otherwise.</summary>
    public string Cause { get; init; } = "";

    /// <summary>Unfinished files, outboxes and processes that were left.</summary>
    public ImmutableArray<string> LeftOver { get; init; } = [];

    /// <summary>What was struck, and where the round stood then.</summary>
    public ImmutableArray<string> Struck { get; init; } = [];

    /// <summary>How many nodes were struck.</summary>
    public StrikeCounts Strikes { get; init; } = StrikeCounts.None;

    /// <summary>How long the scenario took.</summary>
    public double Seconds { get; init; }

    /// <summary>What happened when.</summary>
    public Timeline Timeline { get; init; } = Timeline.Empty;

    /// <summary>Whether the promise was kept.</summary>
    public bool IsGood => NotRunnable.Length == 0 && Survived && HashEqual && Retrained == 0 && LeftOver.IsEmpty;
}
