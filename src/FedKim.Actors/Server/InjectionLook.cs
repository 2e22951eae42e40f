using Akka.Actor;

namespace FedKim.Actors.Server;

/// <summary>Looks at what the injector made before it counts, on the threads for files. The injector says the same every second; it is looked at once.</summary>
/// <typeparam name="T">What the injector says.</typeparam>
internal sealed class InjectionLook<T>(IActorContext context)
{
    /// <summary>Whether something is looked at now.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Begins to look; the actor gets <see cref="Looked"/> and then says <see cref="End"/>.</summary>
    /// <param name="said">What the injector said.</param>
    /// <param name="refusal">Finds what is wrong with it; null for nothing.</param>
    public void Begin(T said, Func<string?> refusal)
    {
        IsOn = true;
        context.System.Dispatchers.Lookup(Threads.Files).Run(refusal)
            .PipeTo(context.Self, success: fault => new Looked(said, fault, null), failure: e => new Looked(said, null, e));
    }

    /// <summary>The actor has heard what came of it.</summary>
    public void End() => IsOn = false;

    /// <param name="Said">What the injector said.</param>
    /// <param name="Fault">What is wrong with what it made; null for nothing.</param>
    /// <param name="Problem">Why it could not be looked at; null when it could.</param>
    internal sealed record Looked(T Said, string? Fault, Exception? Problem) : INoSerializationVerificationNeeded;
}
