namespace FedKim.Parameters;

/// <summary>Finds in one file the tensor that stands for one of another.</summary>
internal static class MatchingTensor
{
    /// <summary>The file's tensor that has this one's name.</summary>
    /// <exception cref="SafetensorsException">It lacks it, or holds one of another type or shape.</exception>
    internal static TensorInfo Matching(this ITensorFile file, TensorInfo tensor)
    {
        if (!file.Tensors.TryGetValue(tensor.Name, out var info))
            throw new SafetensorsException("the file holds no such tensor", file.FilePath, tensor.Name);
        return info.Fits(tensor)
            ? info
            : throw new SafetensorsException(
                $"it is {info.DType.Name()} {info.ShapeText}, expected {tensor.DType.Name()} {tensor.ShapeText}", file.FilePath, tensor.Name, info.Offset);
    }
}
