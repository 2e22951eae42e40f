using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace FedKim.Protocol.Hyperion;

/// <summary>
/// Akka.Serialization.Hyperion for the types of the wire alone. By itself the package reads delegates and Props, and a message that nests
/// without end ends the process: here each is walked before it is read, and after it was written, so that no foreign type leaves either.
/// Written is always the version-tolerant form, which names the fields.
/// </summary>
public sealed class WireSerializer : global::Akka.Serialization.HyperionSerializer
{
    private readonly WireTypeFilter _types;

    /// <summary>The serializer with the types of the wire and those of its settings.</summary>
    /// <param name="system">The actor system; actor references cross through its surrogates.</param>
    /// <param name="config">The section <c>akka.actor.serialization-settings.hyperion</c>.</param>
    public WireSerializer(ExtendedActorSystem system, Config config)
        : this(system, config, new WireTypeFilter(config.GetStringList("allowed-types", [])))
    {
    }

    private WireSerializer(ExtendedActorSystem system, Config config, WireTypeFilter types)
        : base(system, new HyperionSerializerSettings(
            config.GetBoolean("preserve-object-references", true), true, HyperionSerializerSettings.Default.KnownTypesProvider, [], [],
            config.GetBoolean("disallow-unsafe-type", true), types)) => _types = types;

    /// <inheritdoc/>
    /// <exception cref="SerializationException">The message holds what is not of the wire.</exception>
    public override byte[] ToBinary(object obj)
    {
        try
        {
            byte[] bytes = base.ToBinary(obj);
            WireWalk.Check(bytes, _types);
            return bytes;
        }
        catch (Exception e)
        {
            throw new SerializationException($"{obj.GetType()} cannot be written: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="SerializationException">The bytes are no message, or hold what is not of the wire.</exception>
    public override object FromBinary(byte[] bytes, Type type)
    {
        try
        {
            WireWalk.Check(bytes, _types);
            return base.FromBinary(bytes, type);
        }
        catch (Exception e)
        {
            throw new SerializationException($"A message cannot be read: {e.Message}", e);
        }
    }
}
