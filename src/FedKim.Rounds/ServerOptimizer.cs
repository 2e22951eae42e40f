namespace FedKim.Rounds;

/// <summary>The constants of an adaptive server strategy (algorithm 2 of arXiv 2003.00295).</summary>
/// <param name="LearningRate">η, how far the server steps; above 0.</param>
/// <param name="Beta1">β₁, how much of the first moment lasts from round to round; from 0, below 1.</param>
/// <param name="Beta2">β₂, the same for the second moment; of no use to FedAdagrad, whose second moment only grows.</param>
/// <param name="Tau">τ, the degree of adaptivity, above 0: the smaller, the more alike are the steps of all elements.</param>
public sealed record ServerOptimizer(double LearningRate, double Beta1, double Beta2, double Tau);
