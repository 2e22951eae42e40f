namespace FedKim.Audit.Reports;

/// <summary>What moved to or from somebody, together.</summary>
/// <param name="Kind">Sent or received.</param>
/// <param name="Matter">Models or updates.</param>
/// <param name="Peer">Who was at the other end; null where no certificate says.</param>
/// <param name="Protection">How it was protected on the way.</param>
/// <param name="Files">How many different files.</param>
/// <param name="Times">In how many pieces.</param>
/// <param name="Bytes">Bytes of all of them.</param>
public sealed record MovedTotal(AuditKind Kind, AuditMatter Matter, string? Peer, string? Protection, int Files, long Times, long Bytes);
