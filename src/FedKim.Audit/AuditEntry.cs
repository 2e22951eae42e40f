namespace FedKim.Audit;

/// <summary>One thing that happened at a node, as it is told to the audit log. What is not known is null.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Matter">With what.</param>
public sealed record AuditEntry(AuditKind Kind, AuditMatter Matter)
{
    /// <summary>Who is at the other end, as its certificate says: a SPIFFE id, a stranger's subject, or <c>account NAME</c> for one of this machine's.</summary>
    public string? Peer { get; init; }

    /// <summary>The federation's name.</summary>
    public string? Federation { get; init; }

    /// <summary>The round's number, from 1.</summary>
    public int? Round { get; init; }

    /// <summary>Bytes of the file that moved, without what HTTP and TLS add.</summary>
    public long? Bytes { get; init; }

    /// <summary>The file's SHA-256, in hexadecimal.</summary>
    public string? Digest { get; init; }

    /// <summary>How it was protected on the way, see <see cref="Audit.Protection"/>.</summary>
    public string? Protection { get; init; }

    /// <summary>How it ended.</summary>
    public AuditOutcome Outcome { get; init; }

    /// <summary>How often it happened, where one line stands for many.</summary>
    public long Times { get; init; } = 1;

    /// <summary>Why, or what exactly, in a sentence's part; bounded, and on one line, whoever wrote it.</summary>
    public string? Detail { get; init; }
}
