namespace FedKim.Chaos.Faults;

/// <summary>How a link passes on what it gets.</summary>
internal sealed record LinkFault
{
    /// <summary>At once and whole.</summary>
    public static LinkFault None { get; } = new();

    /// <summary>How much later everything arrives.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Bytes a second in each direction of a connection; 0 for as fast as it goes.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>Bytes after which a connection breaks; 0 for never.</summary>
    public long ResetAfter { get; init; }

    /// <summary>Whether connections break at the first byte that comes back: what was asked has arrived, and nobody learns it.</summary>
    public bool LosesAnswers { get; init; }
}
