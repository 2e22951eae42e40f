using Akka.Actor;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Rounds;

/// <summary>Keeps the limit of a round's phase, as long as those who are waited for can be heard.</summary>
internal sealed class RoundLimit(FederationPlan plan, ServerContext server, ITimerScheduler timers)
{
    private readonly LimitWatch _watch = new(timers, server.Clock);
    private SiteDirectory.Heard? _before;
    private SiteDirectory.Heard? _heard;

    /// <summary>Whether the injector's node is known to be away.</summary>
    public bool InjectorIsAway => _heard is { InjectorIsPresent: false };

    /// <summary>The round's phase begins.</summary>
    /// <param name="round">The round.</param>
    /// <param name="listening">True when nobody is known to hear yet.</param>
    public void Begin(Round round, bool listening)
    {
        if (round.HasEnded)
            _watch.End();
        else
            _watch.Begin(plan.LimitOf(round.Phase), listening);
    }

    /// <summary>Leaves out time in which nobody could be heard.</summary>
    public void Discount(TimeSpan deaf) => _watch.Discount(deaf);

    /// <summary>Who was heard a moment ago.</summary>
    public void Heard(SiteDirectory.Heard heard) => _heard = heard;

    /// <summary>Counts the time since the last beat.</summary>
    /// <param name="round">The round.</param>
    /// <param name="halts">Whether the limit stands still: nobody can answer while the server's own files hinder them.</param>
    /// <returns>Whether the limit has passed.</returns>
    public bool Beat(Round round, bool halts)
    {
        bool over = _watch.Beat(Hears(round), halts);
        if (!_watch.IsListening)
            _before = _heard;
        else if (_watch.BeginsToListen)
            _heard = null;
        server.Directory.Tell(new SiteDirectory.Listen());
        return over;
    }

    // After a gap: whether all who are waited for and were here before it are heard again. A coordinator that has just begun knows of nobody.
    private bool Hears(Round round) => _heard is not null && round.Phase switch
    {
        Phase.Training => round.Missing.All(c => _heard.Sites.Contains(c) || !(_before?.Sites.Contains(c) ?? true)),
        Phase.Injecting => _heard.Injector || !(_before?.Injector ?? true),
        _ => true,
    };
}
