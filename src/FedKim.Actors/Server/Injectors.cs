using Akka.Actor;
using Akka.Event;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>
/// The injectors that are here, by their sites, and what each federation wants of its own. A plan that names none is served by one that is here, and
/// by the same as long as it is.
/// </summary>
internal sealed class Injectors(Attendance attendance, OtherPackages packages, TimeProvider clock, ILoggingAdapter log)
{
    private readonly SortedDictionary<string, Presence<InjectorStatus>> _here = new(StringComparer.Ordinal);

    // Null is not the same as no entry: right after a restart what is wanted is not known yet.
    private readonly Dictionary<FederationId, (string Site, InjectorMessages.Order? Order)> _orders = [];
    private readonly HashSet<string> _silent = new(StringComparer.Ordinal);
    private string? _unnamed;

    /// <summary>An injector is here.</summary>
    /// <param name="said">What it said.</param>
    /// <param name="home">The federation that runs and is its; null where none does.</param>
    /// <param name="epoch">The coordinator's.</param>
    public void Greet(InjectorMessages.Hello said, FederationId? home, int epoch)
    {
        var hello = said with { Status = SaidStatus.Read(said.Status) };
        string site = SaidStatus.Name(said.Site);
        bool known = _here.TryGetValue(site, out var before), back = before?.Ref.Equals(hello.Injector) is not true;
        attendance.Saw(Key(site));
        _here[site] = new Presence<InjectorStatus>(hello.Injector, hello.Status, clock.GetTimestamp());
        if (_silent.Remove(site) || !known)
            log.Info("{Injector} is here, on {Node}", NameOf(site), hello.Injector.Path.Address);
        if (_unnamed is null || !IsPresent(_unnamed))
            _unnamed = site;
        packages.Heard(NameOf(site), SaidStatus.Name(hello.Packages));
        // Who is idle has done other work of this name, or holds a result that did not come through.
        if (_orders.Values.FirstOrDefault(o => o.Order is not null && Serves(site, o.Site)).Order is { } order)
        {
            if (back || hello.Status.Work != order.Work.Name || hello.Status.Activity == "idle" || hello.Epoch < order.Epoch)
                hello.Injector.Tell(order);
        }
        else if (hello.Status.Work.Length > 0 && (home is { } its ? _orders.ContainsKey(its) : _orders.Count > 0))
        {
            hello.Injector.Tell(new InjectorMessages.Withdraw(hello.Status.Work, epoch));
        }
    }

    /// <summary>A federation wants this of its injector; null for nothing.</summary>
    public void Ask(FederationId federation, string site, InjectorMessages.Order? order)
    {
        _orders[federation] = (site, order);
        if (order is not null && At(site) is { } injector)
            injector.Ref.Tell(order);
    }

    /// <summary>A round is over, and what was wanted for it.</summary>
    public void End(RoundId round)
    {
        if (_orders.TryGetValue(round.Federation, out var wants) && wants.Order?.Work is InjectorMessages.Inject inject && inject.Round == round)
            _orders[round.Federation] = (wants.Site, null);
    }

    /// <summary>Whether the injector of a plan is here.</summary>
    /// <param name="site">Which the plan names; empty for none.</param>
    public bool IsHere(string site) => At(site) is not null && IsPresent(Named(site));

    /// <summary>Whether its silence counts against it.</summary>
    public bool Counts(string site) => attendance.Counts(Key(Named(site)));

    /// <summary>Notes who has fallen silent.</summary>
    public void NoteSilence()
    {
        foreach (string site in _here.Keys.Where(site => !IsPresent(site) && _silent.Add(site)))
            log.Warning("{Injector} is silent", NameOf(site));
    }

    /// <summary>An injector as those see it who ask; <see cref="FederationQueries.NotFound"/> where it is not known which.</summary>
    /// <param name="site">Which; empty for the only one that is here; null for the one that serves plans which name none.</param>
    public IWireMessage View(string? site)
    {
        string[] present = [.. _here.Keys.Where(IsPresent)];
        if (site is { Length: > 0 } && !_here.ContainsKey(site))
            return new FederationQueries.NotFound($"There is no injector {site} here. Here are: {(present.Length > 0 ? string.Join(", ", present) : "none")}.");
        if (site is "" && present.Length > 1)
            return new FederationQueries.NotFound($"There are several injectors here: {string.Join(", ", present)}. Say which one is meant.");
        string which = site is "" && present is [var only] ? only : Named(site ?? "");
        return _here.TryGetValue(which, out var injector)
            ? new InjectorView(injector.Node, IsPresent(which), injector.Status)
            : new InjectorView("", false, new InjectorStatus("absent", "", 0, 0, double.NaN, ""));
    }

    private Presence<InjectorStatus>? At(string site) => _here.GetValueOrDefault(Named(site));

    private string Named(string site) => site.Length > 0 ? site : _unnamed ?? "";

    private bool Serves(string injector, string wanted) => Named(wanted) == injector;

    private string NameOf(string site) => _here.Count > 1 ? $"Injector {site}" : "The injector";

    private bool IsPresent(string site) => _here.TryGetValue(site, out var injector) && clock.GetElapsedTime(injector.Seen) < Presence<InjectorStatus>.Silence;

    // No site's name.
    private static string Key(string site) => $"injector {site}";
}
