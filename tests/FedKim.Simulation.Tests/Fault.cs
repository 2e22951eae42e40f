namespace FedKim.Simulation.Tests;

/// <summary>What fate does to a cluster.</summary>
internal enum Trouble
{
    /// <summary>The process of <see cref="Fault.Node"/> is killed and started again after <see cref="Fault.For"/>.</summary>
    Kill,

    /// <summary>The same, and the weights on the node's disk are lost.</summary>
    LoseDisk,

    /// <summary>A byte of every file on the node's disk is another from now on; its process lives.</summary>
    Rot,

    /// <summary>The node runs nothing for that long; when another leads meanwhile, it does not know so at first.</summary>
    Freeze,

    /// <summary>A second coordinator starts while the first goes on, which ends after that long.</summary>
    TwoCoordinators,

    /// <summary>Everything is killed at once and started again; of what sites and the injector had not synced to disk some is cut short.</summary>
    PowerLoss,

    /// <summary>Nothing from the node arrives anywhere.</summary>
    CutFrom,

    /// <summary>Nothing arrives at the node.</summary>
    CutTo,

    /// <summary>The node is alone.</summary>
    CutOff,

    /// <summary>Messages are lost, repeated and slow.</summary>
    Storm,

    /// <summary>This transfer ends after <see cref="Fault.Degree"/> of its bytes.</summary>
    CutTransfer,

    /// <summary>The next injection breaks.</summary>
    BreakInjection,

    /// <summary>The database stores nothing for that long.</summary>
    RefuseWrites,

    /// <summary>The database stores this write and does not say so.</summary>
    LoseAnswer,

    /// <summary>The database takes that long for this write.</summary>
    DelayWrite,
}

/// <summary>What a fault waits for.</summary>
internal enum Cue
{
    /// <summary>So many seconds since the start.</summary>
    Second,

    /// <summary>The write of this number to the journal.</summary>
    Write,

    /// <summary>The transfer of this number, requests counted.</summary>
    Transfer,

    /// <summary>The call of this number to a site's training, before it begins.</summary>
    Training,

    /// <summary>The same, when it has ended and nobody knows yet.</summary>
    Trained,
}

/// <summary>One line of a fault schedule.</summary>
internal sealed record Fault(Cue Cue, double Number, Trouble What, string Node, TimeSpan For, double Degree)
{
    /// <summary>Stands for the server whose coordinator leads then.</summary>
    public const string Leader = "leader";

    public override string ToString() => $"at {Cue} {Number:0.##}: {What} {Node} for {For.TotalSeconds:0.0} s, {Degree:0.00}";
}
