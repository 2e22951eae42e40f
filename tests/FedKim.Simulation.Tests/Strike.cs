namespace FedKim.Simulation.Tests;

/// <summary>A fault that struck, and whom.</summary>
internal sealed record Strike(TimeSpan At, Fault Fault, string Node)
{
    public override string ToString() => $"{At:mm\\:ss\\.fff} {Fault} ({Node})";
}
