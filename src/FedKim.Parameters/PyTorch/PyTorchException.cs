namespace FedKim.Parameters.PyTorch;

/// <summary>A PyTorch checkpoint that is malformed, or asks for more than plain tensors.</summary>
public sealed class PyTorchException : Exception
{
    /// <param name="problem">What is wrong and what to do, without the place.</param>
    /// <param name="file">Path of the file.</param>
    /// <param name="tensor">Name of the tensor at fault; null where it is the file as a whole.</param>
    /// <param name="offset">Byte offset of the fault in the pickle; null where the pickle is not at fault.</param>
    public PyTorchException(string problem, string file, string? tensor = null, long? offset = null, Exception? inner = null)
        : base($"{file}{(tensor is null ? "" : $": tensor '{tensor}'")}{(offset is null ? "" : $" at byte {offset} of its pickle")}: {problem}", inner) =>
        (Problem, File, Tensor, Offset) = (problem, file, tensor, offset);

    /// <summary>What is wrong, without the place.</summary>
    public string Problem { get; }

    /// <summary>Path of the file.</summary>
    public string File { get; }

    /// <summary>Name of the tensor at fault, if one is.</summary>
    public string? Tensor { get; }

    /// <summary>Byte offset of the fault in the pickle, if it is there.</summary>
    public long? Offset { get; }
}
