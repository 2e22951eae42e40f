using FedKim.Chaos.Scenarios;

namespace FedKim.Chaos.Results;

/// <summary>How many nodes were struck while they ran and their federation did.</summary>
/// <param name="Kills">Nodes that were killed.</param>
/// <param name="Freezes">Nodes that were frozen.</param>
/// <param name="Stops">Nodes that were asked to end.</param>
/// <param name="InVain">Nodes that did not run any more, or whose federation had ended: nothing was there to be disturbed.</param>
internal sealed record StrikeCounts(int Kills, int Freezes, int Stops, int InVain)
{
    public static StrikeCounts None { get; } = new(0, 0, 0, 0);

    /// <summary>These and those of a step, if it is one that is counted.</summary>
    /// <param name="step">What was done.</param>
    /// <param name="met">How many nodes it disturbed.</param>
    /// <param name="inVain">How many it did not.</param>
    public StrikeCounts With(IStep step, int met, int inVain) => step switch
    {
        Steps.Kill or Steps.CutPower => this with { Kills = Kills + met, InVain = InVain + inVain },
        Steps.Freeze => this with { Freezes = Freezes + met, InVain = InVain + inVain },
        Steps.Terminate => this with { Stops = Stops + met, InVain = InVain + inVain },
        _ => this,
    };
}
