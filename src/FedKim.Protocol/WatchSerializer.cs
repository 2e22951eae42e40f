using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Remote.Serialization;
using Akka.Serialization;

namespace FedKim.Protocol;

/// <summary>
/// Stands in the place of Akka's serializer for what supervisors say, and reads of it only that an actor is watched, and that a watched one has ended.
/// Akka's <c>untrusted-mode</c> lets the rest through: any actor could be suspended, restarted or ended by whoever knows its path.
/// </summary>
public sealed class WatchSerializer(ExtendedActorSystem system) : Serializer(system)
{
    /// <summary>The number of Akka's own.</summary>
    public const int Id = 22;

    private readonly SystemMessageSerializer _all = new(system);

    /// <inheritdoc/>
    public override int Identifier => Id;

    /// <inheritdoc/>
    public override bool IncludeManifest => true;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => _all.ToBinary(obj);

    /// <inheritdoc/>
    /// <exception cref="SerializationException">It is of a supervisor, and no node supervises the actors of another.</exception>
    public override object FromBinary(byte[] bytes, Type type) =>
        type == typeof(Watch) || type == typeof(Unwatch) || type == typeof(DeathWatchNotification)
            ? _all.FromBinary(bytes, type)
            : throw new SerializationException($"{type} is of a supervisor, and no node supervises the actors of another.");
}
