namespace FedKim.Parameters;

/// <summary>
/// How an aggregate carries the moments of an adaptive server strategy: beside each learned tensor of the model stand two of its shape,
/// F32, <c>server.m.&lt;tensor&gt;</c> and <c>server.v.&lt;tensor&gt;</c>. So they are kept, fetched and checked as the aggregate is, by
/// its digest. Whoever reads an aggregate as a model passes them over.
/// </summary>
public static class ServerMoments
{
    private const string FirstPrefix = "server.m.";
    private const string SecondPrefix = "server.v.";

    // What normalisation layers count while they run, by torch's names.
    private static readonly string[] Statistics = ["running_mean", "running_var", "num_batches_tracked"];

    /// <summary>Whether a tensor of an aggregate is a moment, and none of the model's.</summary>
    public static bool Is(string tensor) =>
        tensor.StartsWith(FirstPrefix, StringComparison.Ordinal) || tensor.StartsWith(SecondPrefix, StringComparison.Ordinal);

    /// <summary>
    /// Whether a model's tensor has moments: a floating one that gradients move. Statistics are means already, and stay the clients' mean:
    /// a step along them could leave a variance below zero. (The paper's own models have none: it normalises by groups instead.)
    /// </summary>
    internal static bool Has(TensorInfo tensor) =>
        tensor.DType.IsFloating() && !Statistics.Contains(tensor.Name[(tensor.Name.LastIndexOf('.') + 1)..]);

    /// <summary>The name of a tensor's first moment.</summary>
    internal static string First(string tensor) => FirstPrefix + tensor;

    /// <summary>The name of a tensor's second moment.</summary>
    internal static string Second(string tensor) => SecondPrefix + tensor;
}
