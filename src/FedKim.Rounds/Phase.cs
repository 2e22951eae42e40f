namespace FedKim.Rounds;

/// <summary>Where a round stands. Rounds only move forward; <see cref="Committed"/> is final, and one that <see cref="Failed"/> may be tried again.</summary>
public enum Phase
{
    /// <summary>Announced, nobody was asked yet.</summary>
    Opened = 0,

    /// <summary>Clients train; contributions come in.</summary>
    Training = 1,

    /// <summary>The collection is closed; the accepted updates are being summed.</summary>
    Aggregating = 2,

    /// <summary>The aggregate is being injected into the foundation model.</summary>
    Injecting = 3,

    /// <summary>The next global model is being made available to everybody.</summary>
    Publishing = 4,

    /// <summary>Done; the round's result is the next round's start.</summary>
    Committed = 5,

    /// <summary>Ended without a result; the cause says why.</summary>
    Failed = 6,
}
