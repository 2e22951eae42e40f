using Akka.Actor;
using Akka.Configuration;

namespace FedKim.Protocol.Tests;

/// <summary>Actor systems with the serializers of hocon/serialization.conf, as a node has them.</summary>
internal static class WireSystem
{
    private static readonly Config Wire = ConfigurationFactory.ParseString("akka.loglevel = ERROR").WithFallback(Shipped());

    private static readonly Config Remote = ConfigurationFactory.ParseString("""
        akka.actor.provider = remote
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        """);

    public static ExtendedActorSystem Local() => (ExtendedActorSystem)ActorSystem.Create("wire", Wire);

    public static ExtendedActorSystem OnLoopback(string name) => (ExtendedActorSystem)ActorSystem.Create(name, Remote.WithFallback(Wire));

    private static Config Shipped()
    {
        using var reader = new StreamReader(typeof(WireSystem).Assembly.GetManifestResourceStream("serialization.conf")!);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
