namespace FedKim.Chaos.Running;

/// <summary>This machine lacks what a scenario needs; the message says what and how to get it.</summary>
internal sealed class NotRunnableException(string message) : Exception(message);
