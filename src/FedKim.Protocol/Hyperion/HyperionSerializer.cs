using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Util;
using Hyperion;
using AkkaSerializer = Akka.Serialization.Serializer;

namespace FedKim.Protocol.Hyperion;

/// <summary>
/// Hyperion as an Akka serializer: identifier, manifest, settings section and surrogates are those of Akka.Serialization.Hyperion, so that
/// the package can take its place by one line of configuration. It reads and writes nothing but the types its filter allows, and always in
/// the version-tolerant form, which names the fields.
/// </summary>
public sealed class HyperionSerializer : AkkaSerializer
{
    private readonly WireTypeFilter _types;
    private readonly Serializer _serializer;

    /// <summary>The adapter.</summary>
    /// <param name="system">The actor system; actor references cross through its surrogates.</param>
    /// <param name="config">The section <c>akka.actor.serialization-settings.hyperion</c>.</param>
    public HyperionSerializer(ExtendedActorSystem system, Config config)
        : base(system)
    {
        _types = new WireTypeFilter(config.GetStringList("allowed-types", []));
        _serializer = new Serializer(new SerializerOptions(
            versionTolerance: true,
            preserveObjectReferences: config.GetBoolean("preserve-object-references", true),
            surrogates: [Surrogate.Create<ISurrogated, ISurrogate>(from => from.ToSurrogate(system), to => to.FromSurrogate(system))],
            serializerFactories: [new ForeignTypes(_types)],
            knownTypes: null,
            ignoreISerializable: true,
            packageNameOverrides: null,
            disallowUnsafeTypes: config.GetBoolean("disallow-unsafe-type", true),
            typeFilter: _types));
    }

    /// <summary>The adapter with the default settings.</summary>
    public HyperionSerializer(ExtendedActorSystem system)
        : this(system, ConfigurationFactory.Empty)
    {
    }

    /// <inheritdoc/>
    public override int Identifier => -5;

    /// <inheritdoc/>
    public override bool IncludeManifest => false;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        try
        {
            using var stream = new MemoryStream();
            _serializer.Serialize(obj, stream);
            return stream.ToArray();
        }
        catch (Exception e)
        {
            throw new SerializationException($"{obj.GetType()} cannot be written: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, Type type)
    {
        try
        {
            WireWalk.Check(bytes, _types);
            using var stream = new MemoryStream(bytes);
            return _serializer.Deserialize<object>(stream);
        }
        catch (Exception e)
        {
            throw new SerializationException($"A message cannot be read: {e.Message}", e);
        }
    }
}
