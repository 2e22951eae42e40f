using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Launch.Packages;

/// <summary>A package of the user's own that this process has loaded.</summary>
/// <param name="File">Its assembly, by the whole path.</param>
/// <param name="Content">The assembly's SHA-256: nodes of one federation have the same.</param>
/// <param name="Adds">What it adds, e.g. <c>strategy trimmed-mean</c>.</param>
public sealed record Extension(string File, Digest Content, ImmutableArray<string> Adds);
