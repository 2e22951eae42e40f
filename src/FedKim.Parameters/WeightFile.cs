using FedKim.Rounds;

namespace FedKim.Parameters;

/// <summary>A whole weight file and its digest, known from whoever wrote or checked it: nobody hashes it again.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Digest">SHA-256 of its bytes.</param>
public sealed record WeightFile(string Path, Digest Digest);
