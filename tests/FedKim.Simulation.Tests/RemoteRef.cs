using Akka.Actor;

namespace FedKim.Simulation.Tests;

/// <summary>A reference across the network: what is told goes the way of the machine that tells it.</summary>
/// <param name="path">Unlike any other's; equal paths are the same reference.</param>
/// <param name="provider">The actor system's.</param>
/// <param name="tell">Sends on behalf of the running machine.</param>
internal sealed class RemoteRef(ActorPath path, IActorRefProvider provider, Action<object, IActorRef> tell) : MinimalActorRef
{
    /// <inheritdoc/>
    public override ActorPath Path => path;

    /// <inheritdoc/>
    public override IActorRefProvider Provider => provider;

    /// <inheritdoc/>
    protected override void TellInternal(object message, IActorRef sender) => tell(message, sender);
}
