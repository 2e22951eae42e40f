namespace FedKim.Experiments;

/// <summary>How far a cell is.</summary>
public enum CellState
{
    /// <summary>Not run yet, or not to its end.</summary>
    Open,

    /// <summary>Its report is there.</summary>
    Done,

    /// <summary>It ended without a result.</summary>
    Failed,
}

/// <summary>A cell with what became of it.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="State">How far it is.</param>
/// <param name="Cause">Why it failed; empty if it did not.</param>
/// <param name="Report">Its report, where it is done.</param>
public sealed record CellOutcome(Cell Cell, CellState State, string Cause = "", CellReport? Report = null);
