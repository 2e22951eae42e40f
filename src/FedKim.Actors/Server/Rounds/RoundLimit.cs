using Akka.Actor;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Rounds;

/// <summary>Keeps the limit of a round's phase, as long as those who are waited for can be heard.</summary>
internal sealed class RoundLimit(FederationPlan plan, ServerContext server, ITimerScheduler timers)
{
    private readonly LimitWatch _watch = new(timers, server);

    /// <inheritdoc cref="LimitWatch.InjectorIsAway"/>
    public bool InjectorIsAway => _watch.InjectorIsAway;

    /// <summary>The round's phase begins.</summary>
    public void Begin(Round round)
    {
        if (round.HasEnded)
            _watch.End();
        else
            _watch.Begin(plan.LimitOf(round.Phase), Awaited(round));
    }

    /// <inheritdoc cref="LimitWatch.Discount"/>
    public void Discount(TimeSpan deaf) => _watch.Discount(deaf);

    /// <inheritdoc cref="LimitWatch.Heard"/>
    public void Heard(SiteDirectory.Heard heard) => _watch.Heard(heard);

    /// <summary>Counts the time since the last beat.</summary>
    /// <param name="round">The round.</param>
    /// <param name="halts">Whether the limit stands still: nobody can answer while the server's own files hinder them.</param>
    /// <returns>Whether the limit has passed.</returns>
    public bool Beat(Round round, bool halts) => _watch.Beat(Awaited(round), halts);

    private SiteDirectory.Listen Awaited(Round round) =>
        new(round.Phase == Phase.Training ? [.. round.Missing] : [], Injector: round.Phase == Phase.Injecting, plan.SkipAfter) { InjectorSite = plan.Injector };
}
