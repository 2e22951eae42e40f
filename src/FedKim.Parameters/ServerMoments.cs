using FedKim.Parameters.Strategies;

namespace FedKim.Parameters;

/// <summary>
/// How an aggregate carries what the server's strategy keeps, such as the moments of an adaptive one: beside each learned tensor of the model
/// stand others of its shape, F32, <c>server.m.&lt;tensor&gt;</c> for one that is called m. So they are kept, fetched and checked as the aggregate
/// is, by its digest. Whoever reads an aggregate as a model passes them over.
/// </summary>
public static class ServerMoments
{
    private const string Prefix = "server.";

    // What normalisation layers count while they run, by torch's names.
    private static readonly string[] Statistics = ["running_mean", "running_var", "num_batches_tracked"];

    /// <summary>Whether a tensor of an aggregate is the server's, and none of the model's.</summary>
    public static bool Is(string tensor) => tensor.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Whether it is kept beside one of these tensors of a model.</summary>
    public static bool IsBeside(string tensor, Func<string, bool> model) =>
        Is(tensor) && tensor.IndexOf('.', Prefix.Length) is > 0 and var end && model(tensor[(end + 1)..]);

    /// <summary>Whether something can be kept beside a model's tensor: a floating one that gradients move.</summary>
    internal static bool Has(TensorInfo tensor) =>
        tensor.DType.IsFloating() && !Statistics.Contains(tensor.Name[(tensor.Name.LastIndexOf('.') + 1)..]);

    /// <summary>The name of what is kept beside a tensor.</summary>
    internal static string NameOf(KeptTensor kept, TensorInfo tensor) => $"{Prefix}{kept.Name}.{tensor.Name}";
}
