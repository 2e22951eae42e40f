using FedKim.Rounds;

namespace FedKim.Transfer;

/// <summary>A transfer that cannot go on, in words for the person who can mend it.</summary>
/// <param name="message">What is wrong, for the node's own staff: it may hold the words of whoever answered.</param>
/// <param name="reason">What others may know of it.</param>
public sealed class TransferException(string message, SiteReason reason, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What others may know of it.</summary>
    public SiteReason Reason => reason;
}
