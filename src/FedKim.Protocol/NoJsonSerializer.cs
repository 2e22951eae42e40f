using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace FedKim.Protocol;

/// <summary>
/// Stands in the place of Akka's JSON serializer, which would make an object of whatever type the bytes name. Nothing is written or read by it.
/// </summary>
public sealed class NoJsonSerializer : Serializer
{
    /// <summary>As Akka makes a serializer for whose name its own reference has settings; nothing of them is read.</summary>
    public NoJsonSerializer(ExtendedActorSystem system, Config _)
        : base(system)
    {
    }

    /// <summary>The number of Akka's own.</summary>
    public const int Id = 1;

    /// <inheritdoc/>
    public override int Identifier => Id;

    /// <inheritdoc/>
    public override bool IncludeManifest => true;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => throw new SerializationException($"{obj.GetType()} is no message of the wire.");

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, Type type) => throw new SerializationException("JSON is not of the wire.");
}
