using System.Collections.Immutable;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Injector;

/// <summary>What came of the injector's work.</summary>
/// <param name="Answer">The answer to the work, true as soon as the files lie at the server.</param>
/// <param name="Files">What it speaks of.</param>
internal sealed record InjectorResult(IWireMessage Answer, ImmutableArray<Digest> Files);
