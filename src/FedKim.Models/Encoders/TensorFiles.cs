using FedKim.Parameters;
using static TorchSharp.torch;

namespace FedKim.Models.Encoders;

/// <summary>Tensors of 32-bit floats to and from safetensors files.</summary>
public static class TensorFiles
{
    // Elements that pass at once: a tensor may be longer than a span can be, and is not held twice.
    private const long Piece = 1 << 22;

    /// <summary>A tensor to be written; its bytes are read when its turn comes.</summary>
    public static TensorData Of(string name, Tensor tensor) => new(name, DType.F32, [.. tensor.shape], stream =>
    {
        using var scope = NewDisposeScope();
        var flat = tensor.detach().contiguous().view(-1);
        foreach (var (start, length) in Pieces(flat))
        {
            using var pieceScope = NewDisposeScope();
            stream.Write(flat.narrow(0, start, length).cpu().bytes);
        }
    });

    /// <summary>Overwrites <paramref name="tensor"/>, which is contiguous, with the file's tensor of this name.</summary>
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
        var flat = tensor.view(-1);
        foreach (var (start, length) in Pieces(flat))
        {
            using var pieceScope = NewDisposeScope();
            var values = empty(length);
            file.Read(info, start * sizeof(float), values.bytes);
            flat.narrow(0, start, length).copy_(values);
        }
    }

    private static IEnumerable<(long Start, long Length)> Pieces(Tensor flat)
    {
        for (long start = 0; start < flat.numel(); start += Piece)
            yield return (start, Math.Min(Piece, flat.numel() - start));
    }
}
