using FedKim.Audit;
using FedKim.Rounds;

namespace FedKim.Transfer;

/// <summary>What one transfer, or a piece of one that was cut off, has moved so far.</summary>
/// <param name="kind">Which way.</param>
/// <param name="digest">What.</param>
/// <param name="round">The round whose update it is; null for a model.</param>
internal sealed class Moved(AuditKind kind, Digest digest, RoundId? round)
{
    /// <summary>Which way.</summary>
    internal AuditKind Kind => kind;

    /// <summary>What.</summary>
    internal Digest Digest => digest;

    /// <summary>The round whose update it is; null for a model.</summary>
    internal RoundId? Round => round;

    /// <summary>Bytes of the body, as they were written to the connection or read from it.</summary>
    internal long Bytes { get; set; }
}
