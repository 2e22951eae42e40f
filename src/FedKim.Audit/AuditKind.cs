namespace FedKim.Audit;

/// <summary>What a line of the audit log tells of. There are no others.</summary>
public enum AuditKind
{
    /// <summary>The node's process began.</summary>
    Started,

    /// <summary>The node's process ended in order; where this is missing before the next start, it was killed.</summary>
    Ended,

    /// <summary>A command changed something, or was to.</summary>
    Changed,

    /// <summary>A site was asked for something that it was not asked for before.</summary>
    Asked,

    /// <summary>Somebody was refused what they wanted.</summary>
    Refused,

    /// <summary>A peer came.</summary>
    Joined,

    /// <summary>A peer went, or its connection did.</summary>
    Left,

    /// <summary>A peer that was here was cut off, or put out: its certificate does not count any more, or not as what it came as.</summary>
    Revoked,

    /// <summary>Bytes of a file left this node.</summary>
    Sent,

    /// <summary>Bytes of a file came to this node.</summary>
    Received,

    /// <summary>Between this line and the one before are bytes that are no line: a process was killed, or a disk was full, in the middle of one.</summary>
    Torn,

    /// <summary>Entries could not be written and are counted here.</summary>
    Lost,

    /// <summary>When the log was opened, lines before this one were changed or gone.</summary>
    Broken,
}
