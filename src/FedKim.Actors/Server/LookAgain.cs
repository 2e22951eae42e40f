using Akka.Actor;

namespace FedKim.Actors.Server;

/// <summary>Something that was here is so no more, or what lacked may be here by now: an actor looks again at what it needs.</summary>
internal sealed record LookAgain
{
    /// <summary>Tells an actor so after a while; of several such moments only the one set last comes.</summary>
    public static void After(TimeSpan delay, ITimerScheduler timers) => timers.StartSingleTimer(nameof(LookAgain), new LookAgain(), delay);
}
