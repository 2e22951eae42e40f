using System.Globalization;
using static TorchSharp.torch;

namespace FedKim.Models;

/// <summary>A device to compute on.</summary>
/// <param name="Name"><c>auto</c>, <c>cpu</c>, or <c>cuda:N</c>, N from 0.</param>
public record TorchDevice(string Name)
{
    /// <summary>The first accelerator that torch can use, or else the processor.</summary>
    public const string Auto = "auto";

    /// <summary>The processor.</summary>
    public const string Cpu = "cpu";

    private const string Cuda = "cuda:";

    /// <summary>Whether a text names a device, of which there may be none here.</summary>
    public static bool IsName(string text) => text is Auto or Cpu || CudaIndex(text) is not null;

    /// <summary>Whether it must be an accelerator.</summary>
    public bool WantsCuda => CudaIndex(Name) is not null;

    /// <summary>Whether 32-bit floats may enter its products without their last 13 bits.</summary>
    protected virtual bool Shortens => false;

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
    public virtual Device Open()
    {
        if (Problem() is { } problem)
            throw new TorchRuntimeException($"The device {problem}");
        // Both are the process's. By itself torch would leave out bits in convolutions, and in matrices none.
        backends.cudnn.allow_tf32 = Shortens;
        backends.cuda.matmul.allow_tf32 = Shortens;
        return IsProcessor ? CPU : new Device(TorchSharp.DeviceType.CUDA, CudaIndex(Name) ?? 0);
    }

    /// <summary>Whether it is the processor here. Torch must be loaded.</summary>
    protected bool IsProcessor => Name == Cpu || (Name == Auto && !cuda.is_available());

    private static int? CudaIndex(string text) =>
        text.StartsWith(Cuda, StringComparison.Ordinal) && int.TryParse(text.AsSpan(Cuda.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : null;
}
