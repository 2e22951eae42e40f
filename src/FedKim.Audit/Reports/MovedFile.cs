namespace FedKim.Audit.Reports;

/// <summary>A file that moved to or from somebody.</summary>
/// <param name="Kind">Sent or received.</param>
/// <param name="Matter">A model or an update.</param>
/// <param name="Peer">Who was at the other end; null where no certificate says.</param>
/// <param name="Federation">The federation; null where the transfer does not say.</param>
/// <param name="Round">The round; null where the transfer does not say.</param>
/// <param name="Digest">Its SHA-256.</param>
/// <param name="Protection">How it was protected on the way.</param>
/// <param name="First">When first.</param>
/// <param name="Last">When last.</param>
/// <param name="Times">In how many pieces, those cut off included.</param>
/// <param name="Cut">How many of them were cut off.</param>
/// <param name="Refused">How many of them were refused.</param>
/// <param name="Bytes">Bytes of all of them together.</param>
public sealed record MovedFile(
    AuditKind Kind, AuditMatter Matter, string? Peer, string? Federation, int? Round, string? Digest, string? Protection, DateTimeOffset First, DateTimeOffset Last,
    long Times, long Cut, long Refused, long Bytes)
{
    internal static MovedFile Of(AuditLine line) => new(
        line.Entry.Kind, line.Entry.Matter, line.Entry.Peer, line.Entry.Federation, line.Entry.Round, line.Entry.Digest, line.Entry.Protection, line.At, line.At, 0, 0, 0, 0);

    internal MovedFile With(AuditLine line) => this with
    {
        Last = line.At,
        Times = Times + line.Entry.Times,
        Cut = Cut + (line.Entry.Outcome == AuditOutcome.Cut ? 1 : 0),
        Refused = Refused + (line.Entry.Outcome == AuditOutcome.Refused ? 1 : 0),
        Bytes = Bytes + (line.Entry.Bytes ?? 0),
    };
}
