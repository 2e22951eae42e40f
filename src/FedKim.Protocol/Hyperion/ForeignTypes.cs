using System.Collections.Concurrent;
using System.Runtime.Serialization;
using Akka.Util;
using Hyperion;
using Hyperion.SerializerFactories;
using Hyperion.ValueSerializers;

namespace FedKim.Protocol.Hyperion;

/// <summary>Refuses to write, anywhere inside a message, what the filter does not allow: Hyperion asks it about the outermost type alone.</summary>
internal sealed class ForeignTypes(ITypeFilter filter) : ValueSerializerFactory
{
    /// <inheritdoc/>
    public override bool CanSerialize(Serializer serializer, Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return !plain.IsAbstract && !plain.IsAssignableTo(typeof(ISurrogated)) && !filter.IsAllowed(plain.AssemblyQualifiedName!);
    }

    /// <inheritdoc/>
    public override bool CanDeserialize(Serializer serializer, Type type) => false;

    /// <inheritdoc/>
    public override ValueSerializer BuildSerializer(Serializer serializer, Type type, ConcurrentDictionary<Type, ValueSerializer> typeMapping) =>
        throw new SerializationException($"{type} is not a type of the wire.");
}
