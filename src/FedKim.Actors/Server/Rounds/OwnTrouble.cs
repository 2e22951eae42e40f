using Akka.Actor;
using Akka.Event;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Rounds;

/// <summary>What breaks in a round's work at the server: nobody's fault but its own, so it is tried again, less and less often.</summary>
internal sealed class OwnTrouble(ServerContext server, ITimerScheduler timers, ILoggingAdapter log)
{
    private const int MostDoublings = 4;

    private FileTrouble? _broke;
    private int _attempts;

    /// <summary>What is wrong at this server now; null when nothing is.</summary>
    public FileTrouble? Now => _broke ?? server.Trouble;

    /// <summary>The work was done.</summary>
    public void End() => (_broke, _attempts) = (null, 0);

    /// <summary>
    /// The work broke. Numbers that have no sum have none the next time, and what nobody knows is not tried for ever. A strategy that this server
    /// lacks comes with its package when the server is started again, or another leads.
    /// </summary>
    /// <param name="cause">Why.</param>
    /// <param name="round">The round.</param>
    /// <returns>Why the round is to be given up; null where the actor is to look again in a while.</returns>
    public string? Met(Exception cause, Round round)
    {
        var files = FileTrouble.Of(cause, PlaceOf(cause));
        string what = round.Phase == Phase.Aggregating ? "the updates cannot be summed" : "the injector's result cannot be looked at";
        string reason = Reason.Of(cause, PlaceOf(cause));
        if (files is null && cause is not UnknownNameException && (cause is ArithmeticException || _attempts > MostDoublings))
        {
            log.Error("Round {Round}: {What}: {Fault}", round.Id, what, cause);
            _broke = null;
            return $"On server {server.Node} {what}: {reason}";
        }

        var trouble = files ?? new FileTrouble($"{what}: {reason}", "tried again");
        if (_broke != trouble)
            log.Debug("Round {Round}: {Fault}", round.Id, cause);
        _broke = trouble;
        LookAgain.After(TimeSpan.FromSeconds(1 << Math.Min(_attempts++, MostDoublings)), timers);
        return null;
    }

    private string PlaceOf(Exception e) => e.Message.Contains(server.Scratch, StringComparison.Ordinal) ? "the server's scratch folder" : "the server's work folder";
}
