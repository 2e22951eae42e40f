using Akka.Actor;

namespace FedKim.Actors.Members;

/// <summary>A node's address as people write it, <c>host:port</c>, and as Akka has it.</summary>
internal static class NodeAddress
{
    /// <summary>The address of the actor system at <c>host:port</c>.</summary>
    /// <param name="hostPort">Where it is.</param>
    /// <param name="protocol">What the asking system speaks: plain and TLS have names of their own.</param>
    public static Address Of(string hostPort, string protocol)
    {
        int colon = hostPort.LastIndexOf(':');
        return new Address(protocol, ActorConfiguration.System, hostPort[..colon], int.Parse(hostPort.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary><c>host:port</c>.</summary>
    public static string Text(Address address) => $"{address.Host}:{address.Port}";
}
