namespace FedKim.Parameters;

/// <summary>A safetensors file that is not what it claims to be, or does not hold what is asked of it.</summary>
public sealed class SafetensorsException : Exception
{
    /// <param name="problem">What is wrong and what to do, without the place.</param>
    /// <param name="file">Path of the file.</param>
    /// <param name="tensor">Name of the tensor at fault; null where it is the file as a whole.</param>
    /// <param name="offset">Absolute byte offset of the fault; null where there is none.</param>
    public SafetensorsException(string problem, string file, string? tensor = null, long? offset = null, Exception? inner = null)
        : base($"{file}{(tensor is null ? "" : $": tensor '{tensor}'")}{(offset is null ? "" : $" at byte {offset}")}: {problem}", inner) =>
        (Problem, File, Tensor, Offset) = (problem, file, tensor, offset);

    /// <summary>What is wrong, without the place.</summary>
    public string Problem { get; }

    /// <summary>Path of the file.</summary>
    public string File { get; }

    /// <summary>Name of the tensor at fault, if one is.</summary>
    public string? Tensor { get; }

    /// <summary>Absolute byte offset of the fault, if it has one.</summary>
    public long? Offset { get; }
}
