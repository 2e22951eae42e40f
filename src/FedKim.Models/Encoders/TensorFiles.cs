using FedKim.Parameters;
using static TorchSharp.torch;

namespace FedKim.Models.Encoders;

/// <summary>Tensors of 32-bit floats to and from safetensors files.</summary>
public static class TensorFiles
{
    /// <summary>A tensor to be written; its bytes are read when its turn comes.</summary>
    public static TensorData Of(string name, Tensor tensor) => new(name, DType.F32, [.. tensor.shape], stream =>
    {
        using var scope = NewDisposeScope();
        stream.Write(tensor.detach().cpu().contiguous().bytes);
    });

    /// <summary>Overwrites <paramref name="tensor"/> with the file's tensor of this name.</summary>
    /// <exception cref="SafetensorsException">The file lacks it, or it has another type or shape.</exception>
    public static void Fill(Tensor tensor, SafetensorsFile file, string name)
    {
        var info = file.Info(name);
        if (info.DType != DType.F32 || !info.Shape.AsSpan().SequenceEqual(tensor.shape))
        {
            throw new SafetensorsException(
                $"it is {info.DType.Name()} {info.ShapeText}, expected F32 [{string.Join(", ", tensor.shape)}]", file.FilePath, name, info.Offset);
        }

        using var scope = NewDisposeScope();
        using var gradient = no_grad();
        var values = empty(info.Shape.ToArray());
        file.Read(info, 0, values.bytes);
        tensor.copy_(values);
    }
}
