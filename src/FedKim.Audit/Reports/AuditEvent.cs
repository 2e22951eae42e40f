namespace FedKim.Audit.Reports;

/// <summary>Something that happened, once or several times in the same way.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Matter">With what.</param>
/// <param name="Peer">By whom; null where nobody says.</param>
/// <param name="Federation">The federation; null where it is about none.</param>
/// <param name="Round">The round; null where it is about none.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Detail">Why, or what exactly.</param>
/// <param name="First">When first.</param>
/// <param name="Last">When last.</param>
/// <param name="Times">How often.</param>
public sealed record AuditEvent(
    AuditKind Kind, AuditMatter Matter, string? Peer, string? Federation, int? Round, AuditOutcome Outcome, string? Detail, DateTimeOffset First, DateTimeOffset Last, long Times)
{
    internal static AuditEvent Of(AuditLine line) => new(
        line.Entry.Kind, line.Entry.Matter, line.Entry.Peer, line.Entry.Federation, line.Entry.Round, line.Entry.Outcome, line.Entry.Detail, line.At, line.At, 0);

    internal AuditEvent With(AuditLine line) => this with { Last = line.At, Times = Times + line.Entry.Times };
}
