using FedKim.Rounds;

namespace FedKim.Protocol;

/// <summary>What servers and all other nodes say to each other about weights.</summary>
public static class WeightMessages
{
    /// <summary>A server that took over lacks these weights: whoever holds them sends them there.</summary>
    /// <param name="Digest">What it lacks.</param>
    /// <param name="Weights">Base address of its weight plane.</param>
    public sealed record Wanted(Digest Digest, string Weights) : IWireMessage;
}
