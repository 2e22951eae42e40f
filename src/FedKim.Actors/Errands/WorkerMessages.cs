using Akka.Actor;
using FedKim.Learning;

namespace FedKim.Actors.Errands;

/// <summary>What the actor that works, deaf meanwhile and on a thread of its own, tells the one that speaks for it. Each names the errand it is about.</summary>
internal static class WorkerMessages
{
    internal sealed record Progressed(object Errand, LearningProgress Progress) : INoSerializationVerificationNeeded;

    internal sealed record Done<TResult>(object Errand, TResult Result) : INoSerializationVerificationNeeded;

    internal sealed record Broke(object Errand, Exception Cause) : INoSerializationVerificationNeeded;
}
