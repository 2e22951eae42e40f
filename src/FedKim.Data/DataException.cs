namespace FedKim.Data;

/// <summary>A file of a data set that cannot be used: missing, corrupt, truncated or mislabelled. The message names the file.</summary>
/// <param name="file">Path of the file at fault.</param>
/// <param name="problem">What is wrong and what to do.</param>
public sealed class DataException(string file, string problem, Exception? inner = null) : Exception($"{file}: {problem}", inner)
{
    /// <summary>The file at fault.</summary>
    public string File { get; } = file;

    /// <summary>What is wrong with it and what to do.</summary>
    public string Problem { get; } = problem;
}
