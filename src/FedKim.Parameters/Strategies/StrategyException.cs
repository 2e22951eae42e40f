namespace FedKim.Parameters.Strategies;

/// <summary>A strategy broke, by a fault of its own.</summary>
/// <param name="strategy">Its name.</param>
/// <param name="tensor">The tensor it was at.</param>
/// <param name="fault">What it threw.</param>
public sealed class StrategyException(string strategy, string tensor, Exception fault) : Exception(
    $"strategy {strategy} broke at {tensor} ({fault.GetType().Name}). It comes from a package of this server's own, whose author can mend it; the server's log says more.", fault);
