namespace FedKim.Actors.Links;

/// <summary>A line to a server could not be opened, or ended; the message says why in a sentence, without the server's address.</summary>
public sealed class LinkException(string message, Exception? inner = null) : Exception(message, inner);
