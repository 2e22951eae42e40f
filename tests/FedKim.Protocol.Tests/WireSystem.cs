using Akka.Actor;
using Akka.Configuration;

namespace FedKim.Protocol.Tests;

/// <summary>Actor systems configured for the wire as a node is.</summary>
internal static class WireSystem
{
    private static readonly Config Wire = ConfigurationFactory.ParseString("""
        akka.loglevel = WARNING
        akka.actor {
          serializers.hyperion = "FedKim.Protocol.Hyperion.HyperionSerializer, FedKim.Protocol"
          serialization-bindings { "FedKim.Protocol.IWireMessage, FedKim.Protocol" = hyperion }
          serialize-messages = off
        }
        """);

    private static readonly Config Remote = ConfigurationFactory.ParseString("""
        akka.actor.provider = remote
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        """);

    public static ExtendedActorSystem Local() => (ExtendedActorSystem)ActorSystem.Create("wire", Wire);

    public static ExtendedActorSystem OnLoopback(string name) => (ExtendedActorSystem)ActorSystem.Create(name, Remote.WithFallback(Wire));
}
