namespace FedKim.Audit;

/// <summary>How it ended.</summary>
public enum AuditOutcome
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>It was cut off on the way; what was moved until then is counted.</summary>
    Cut,

    /// <summary>It was refused.</summary>
    Refused,
}
