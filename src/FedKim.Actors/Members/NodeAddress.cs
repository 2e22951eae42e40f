using Akka.Actor;

namespace FedKim.Actors.Members;

/// <summary>A node's address as people write it, <c>host:port</c>, and as Akka has it.</summary>
internal static class NodeAddress
{
    /// <summary>The address of the actor system at <c>host:port</c>.</summary>
    public static Address Of(string hostPort)
    {
        int colon = hostPort.LastIndexOf(':');
        return new Address("akka.tcp", ActorConfiguration.System, hostPort[..colon], int.Parse(hostPort.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary><c>host:port</c>.</summary>
    public static string Text(Address address) => $"{address.Host}:{address.Port}";
}
