namespace FedKim.Parameters;

/// <summary>Writes a file's tensors in another floating type, rounded to nearest even.</summary>
public static class TensorConversion
{
    private const int PieceElements = 4 << 20;

    /// <summary>A tensor of an open file, to be written as <paramref name="type"/>; bytes of the same type pass as they are.</summary>
    /// <param name="file">Stays open until the tensor is written; read in pieces.</param>
    /// <param name="tensor">F64, F32, F16 or BF16, any shape.</param>
    /// <param name="type">F32 or BF16.</param>
    /// <param name="nonFinite">Is told, while the tensor is written, the index of a first element that is NaN or infinite as <paramref name="type"/>; it throws.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another type.</exception>
    public static TensorData Convert(this ITensorFile file, TensorInfo tensor, DType type, Action<long>? nonFinite = null)
    {
        if (!tensor.DType.IsFloating())
            throw new ArgumentOutOfRangeException(nameof(tensor), tensor.DType, "not F64, F32, F16 or BF16");
        if (type is not (DType.F32 or DType.BF16))
            throw new ArgumentOutOfRangeException(nameof(type), type, "not F32 or BF16");
        return new TensorData(tensor.Name, type, tensor.Shape, stream =>
        {
            int most = (int)Math.Min(PieceElements, tensor.Count);
            byte[] source = new byte[most * tensor.DType.Width()], target = new byte[most * type.Width()];
            for (long done = 0; done < tensor.Count; done += most)
            {
                int count = (int)Math.Min(most, tensor.Count - done);
                var read = source.AsSpan(0, count * tensor.DType.Width());
                var written = target.AsSpan(0, count * type.Width());
                file.Read(tensor, done * tensor.DType.Width(), read);
                TensorKernels.Convert(tensor.DType, read, type, written);
                // What is written is looked at, not what is read: rounding may overflow.
                if (nonFinite is not null && TensorKernels.IndexOfNonFinite(type, written) is >= 0 and int index)
                    nonFinite(done + index);
                stream.Write(written);
            }
        });
    }
}
