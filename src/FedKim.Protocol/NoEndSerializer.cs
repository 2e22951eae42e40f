using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Remote.Serialization;
using Akka.Serialization;

namespace FedKim.Protocol;

/// <summary>
/// Stands in the place of Akka's serializer for small messages of its own, and reads none by which one node would end another's actors. Akka's
/// <c>untrusted-mode</c> takes <see cref="Kill"/> for harmless.
/// </summary>
public sealed class NoEndSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>The number of Akka's own.</summary>
    public const int Id = 16;

    private readonly MiscMessageSerializer _all = new(system);

    /// <inheritdoc/>
    public override int Identifier => Id;

    /// <inheritdoc/>
    public override string Manifest(object o) => _all.Manifest(o);

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => _all.ToBinary(obj);

    /// <inheritdoc/>
    /// <exception cref="SerializationException">It would end an actor.</exception>
    public override object FromBinary(byte[] bytes, string manifest) => _all.FromBinary(bytes, manifest) switch
    {
        Kill or PoisonPill => throw new SerializationException("No node ends the actors of another."),
        var message => message,
    };
}
