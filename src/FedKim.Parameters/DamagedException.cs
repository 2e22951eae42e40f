using FedKim.Rounds;

namespace FedKim.Parameters;

/// <summary>
/// A file on this node's disk that is gone, or holds other bytes than its digest stands for. It is no fault of what was computed: whoever
/// meets it takes the file away, and has it again from where it came from or makes it anew.
/// </summary>
/// <param name="digest">What should be there.</param>
/// <param name="file">Where; not part of the message, which may leave the node.</param>
/// <param name="problem">What is wrong.</param>
public sealed class DamagedException(Digest digest, string file, string problem, Exception? inner = null)
    : Exception($"{digest.Short} is damaged: {problem}", inner)
{
    /// <summary>What should be there.</summary>
    public Digest Digest { get; } = digest;

    /// <summary>Where, on this node.</summary>
    public string File { get; } = file;
}
