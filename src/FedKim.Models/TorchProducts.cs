namespace FedKim.Models;

/// <summary>In which precision the injection's products are made, as a setting says it. Tensors of what is trained are 32-bit floats in every case.</summary>
public static class TorchProducts
{
    /// <summary>That of 32-bit floats, in full.</summary>
    public const string Float32 = "float32";

    /// <summary>32-bit floats enter a product without their last 13 bits, and are added up in full; a CUDA device alone can do so.</summary>
    public const string Tf32 = "tf32";

    /// <summary>Feature maps and experts enter a product as bf16.</summary>
    public const string Bf16 = "bf16";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Float32, Tf32, Bf16];
}
