using static TorchSharp.torch;

namespace FedKim.Models;

/// <summary>Where the foundation model is computed, in which element type, and how much memory that may take. Adapters and encoders stay 32-bit floats.</summary>
/// <param name="Name"><c>auto</c>, <c>cpu</c>, or <c>cuda:N</c>, N from 0.</param>
/// <param name="Type"><c>model</c> for that of its files, <c>bf16</c> or <c>f32</c>.</param>
/// <param name="MemoryLimit">MiB the process may hold before a step is computed in smaller parts; null for as much as there is.</param>
public sealed record InjectorDevice(string Name = TorchDevice.Auto, string Type = "model", int? MemoryLimit = null) : TorchDevice(Name)
{
    /// <summary>The element types that can be asked for.</summary>
    public static IReadOnlyList<string> Types { get; } = ["model", "bf16", "f32"];

    /// <summary>The precision of products, of <see cref="TorchProducts.All"/>.</summary>
    public string Products { get; init; } = TorchProducts.Float32;

    /// <summary>The element type to load the foundation model in; null for that of its files.</summary>
    public ScalarType? ScalarType => Type switch
    {
        "bf16" => TorchSharp.torch.ScalarType.BFloat16,
        "f32" => TorchSharp.torch.ScalarType.Float32,
        _ => null,
    };

    /// <summary>The element type in which adapters enter products.</summary>
    public ScalarType ProductType => Products == TorchProducts.Bf16 ? TorchSharp.torch.ScalarType.BFloat16 : TorchSharp.torch.ScalarType.Float32;

    /// <inheritdoc/>
    protected override bool Shortens => Products == TorchProducts.Tf32;

    /// <summary>What keeps products of this precision from being made here, to follow their key in a sentence; null if nothing does. Torch must be loaded.</summary>
    public string? ProductsProblem() => Shortens && IsProcessor
        ? $"is {Products}, which a CUDA device alone can do, and this computes on the processor. Say {TorchProducts.Float32} or {TorchProducts.Bf16}, or give it a GPU."
        : null;

    /// <inheritdoc/>
    public override Device Open() => ProductsProblem() is { } problem ? throw new TorchRuntimeException($"The precision of products {problem}") : base.Open();
}
