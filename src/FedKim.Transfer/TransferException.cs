namespace FedKim.Transfer;

/// <summary>A transfer that cannot go on, in words for the person who can mend it.</summary>
public sealed class TransferException(string message, Exception? inner = null) : Exception(message, inner);
