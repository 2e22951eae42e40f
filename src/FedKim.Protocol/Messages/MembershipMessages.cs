using Akka.Event;

namespace FedKim.Protocol.Messages;

/// <summary>What a node that is in no cluster yet asks those it was told of. Everything may arrive twice, late or not at all.</summary>
public static class MembershipMessages
{
    /// <summary>Who is there? Said again until the asker is in a cluster.</summary>
    /// <param name="Node">The asker's name.</param>
    /// <param name="Seed">The node that is asked, as the asker's file writes it.</param>
    public sealed record Knock(string Node, string Seed) : IWireMessage, IDeadLetterSuppression;

    /// <summary>The answer.</summary>
    /// <param name="Seed">The node as the asker wrote it.</param>
    /// <param name="Address">The node as it calls itself, <c>host:port</c>: the only name under which it hears what members say.</param>
    /// <param name="Member">Whether it is in a cluster and may let others in.</param>
    /// <param name="Servers">The servers of its cluster that it can reach, <c>host:port</c>.</param>
    public sealed record Here(string Seed, string Address, bool Member, string[] Servers) : IWireMessage, IDeadLetterSuppression;
}
