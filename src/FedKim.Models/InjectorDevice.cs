using System.Globalization;
using static TorchSharp.torch;

namespace FedKim.Models;

/// <summary>Where the foundation model is computed, in which element type, and how much memory that may take. Adapters and encoders stay 32-bit floats.</summary>
/// <param name="Name"><c>auto</c>, <c>cpu</c>, or <c>cuda:N</c>, N from 0.</param>
/// <param name="Type"><c>model</c> for that of its files, <c>bf16</c> or <c>f32</c>.</param>
/// <param name="MemoryLimit">MiB the process may hold before a step is computed in smaller parts; null for as much as there is.</param>
public sealed record InjectorDevice(string Name = InjectorDevice.Auto, string Type = "model", int? MemoryLimit = null)
{
    /// <summary>The first accelerator that torch can use, or else the processor.</summary>
    public const string Auto = "auto";

    private const string Cpu = "cpu";
    private const string Cuda = "cuda:";

    /// <summary>The element types that can be asked for.</summary>
    public static IReadOnlyList<string> Types { get; } = ["model", "bf16", "f32"];

    /// <summary>Whether a text names a device, of which there may be none here.</summary>
    public static bool IsName(string text) => text is Auto or Cpu || CudaIndex(text) is not null;

    /// <summary>Whether it must be an accelerator.</summary>
    public bool WantsCuda => CudaIndex(Name) is not null;

    /// <summary>The element type to load the foundation model in; null for that of its files.</summary>
    public ScalarType? ScalarType => Type switch
    {
        "bf16" => TorchSharp.torch.ScalarType.BFloat16,
        "f32" => TorchSharp.torch.ScalarType.Float32,
        _ => null,
    };

    /// <summary>What keeps the device from being used here, to follow its key in a sentence; null if nothing does. Torch must be loaded.</summary>
    public string? Problem()
    {
        int found = cuda.is_available() ? cuda.device_count() : 0;
        if (CudaIndex(Name) is { } index && index >= found)
        {
            return found == 0
                ? $"is \"{Name}\", but torch finds no CUDA device: this libtorch was built without CUDA, or there is no GPU with a driver. Allowed here are auto and cpu; see fedkim.torch.folder for a libtorch with CUDA."
                : $"is \"{Name}\", but torch finds {found} CUDA {(found == 1 ? "device" : "devices")}. Allowed here are auto, cpu, {string.Join(", ", Enumerable.Range(0, found).Select(i => Cuda + i))}.";
        }

        return null;
    }

    /// <summary>The device. Torch must be loaded.</summary>
    /// <exception cref="TorchRuntimeException">It cannot be used here.</exception>
    public Device Open()
    {
        if (Problem() is { } problem)
            throw new TorchRuntimeException($"The device {problem}");
        // 32-bit floats are multiplied as such; by itself torch would leave out 13 bits of them in convolutions.
        backends.cudnn.allow_tf32 = false;
        return Name == Cpu || (Name == Auto && !cuda.is_available()) ? CPU : new Device(TorchSharp.DeviceType.CUDA, CudaIndex(Name) ?? 0);
    }

    private static int? CudaIndex(string text) =>
        text.StartsWith(Cuda, StringComparison.Ordinal) && int.TryParse(text.AsSpan(Cuda.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : null;
}
