using FedKim.Rounds;

namespace FedKim.Protocol.Messages;

/// <summary>What servers and all other nodes say to each other about weights.</summary>
public static class WeightMessages
{
    /// <summary>A server that took over lacks this model or these adapters: whoever holds them sends them there.</summary>
    /// <param name="Digest">What it lacks.</param>
    /// <param name="Weights">Base address of its weight plane.</param>
    public sealed record Wanted(Digest Digest, string Weights) : IWireMessage;

    /// <summary>A server that took over lacks an accepted update: the hospital whose it is sends it there again.</summary>
    /// <param name="Round">The round it was accepted in.</param>
    /// <param name="Update">What it lacks.</param>
    /// <param name="Weights">Base address of its weight plane.</param>
    public sealed record UpdateWanted(RoundId Round, Digest Update, string Weights) : IWireMessage;

    /// <summary>A server that does not lead asks for what it may drop, of so many weights that it holds; see <see cref="Superfluous"/>.</summary>
    public sealed record GetSuperfluous(string[] Held) : IWireMessage;

    /// <summary>What a server that does not lead drops, which is left from times when it did.</summary>
    /// <param name="Rounds">The rounds, as text, whose updates are still needed; all others' go.</param>
    /// <param name="Weights">Digests of models and adapters, of those asked about, that nobody needs.</param>
    /// <param name="Coordinator">The node that leads.</param>
    /// <param name="Epoch">The coordinator's.</param>
    public sealed record Superfluous(string[] Rounds, string[] Weights, string Coordinator, int Epoch) : IWireMessage;
}
