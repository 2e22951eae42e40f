using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using FedKim.Actors.Server.Answers;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>
/// Who is here, and what each was asked to do. Keeps a request until it is answered elsewhere and says it again to a site or an injector
/// whose status shows that it does not work on it: so requests survive lost messages and restarts on either side.
/// </summary>
internal sealed class SiteDirectory : ReceiveActor, IWithTimers
{
    private readonly TimeProvider _clock;
    private readonly Attendance _attendance;
    private readonly OtherPackages _packages;
    private readonly Dictionary<ClientId, Presence<SiteStatus>> _sites = [];
    private readonly Dictionary<ClientId, (string Node, long Seen)> _refused = [];
    private readonly Dictionary<FederationId, AskedSites> _asked = [];
    private readonly Dictionary<FederationId, (string Round, string Outcome, bool MayResume)> _ended = [];
    private readonly HashSet<string> _silent = new(StringComparer.Ordinal);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly UninvitedSites _uninvited;
    private readonly Injectors _injectors;
    private int _epoch;

    /// <param name="clock">The only source of time.</param>
    /// <param name="packages">The packages this server has loaded, as <see cref="PackagePrint"/> writes them.</param>
    public SiteDirectory(TimeProvider clock, string packages)
    {
        (_clock, _packages) = (clock, new OtherPackages(packages, _log));
        _attendance = new Attendance(clock);
        _uninvited = new UninvitedSites(_log);
        _injectors = new Injectors(_attendance, _packages, clock, _log);

        Receive<SiteMessages.Hello>(m => Welcome(m, null));
        Receive<Invited>(m => Welcome(m.Hello, m.Federation));
        Receive<Uninvited>(m =>
        {
            var hello = m.Hello;
            bool back = IsBack(hello);
            Greet(hello, m.MayKnow, m.Federation);
            // To whom it is nothing it is told without a name, and once.
            var told = m.MayKnow ? m.Federation : SiteMessages.Unnamed;
            if (_uninvited.Met(hello.Client, m.Federation, m.Why, told) || back)
                hello.Site.Tell(new SiteMessages.NotInvited(hello.Client, told, m.Why));
            if (m.MustEnd && RoundId.Parse(hello.Status.Round) is { } works)
                hello.Site.Tell(new SiteMessages.RoundEnded(works, _epoch, $"is over for this site: {m.Why}"));
        });
        Receive<InjectorMessages.Hello>(m => _injectors.Greet(m, null, _epoch));
        Receive<InjectorHere>(m => _injectors.Greet(m.Hello, m.Federation, _epoch));
        Receive<AskSites>(m => Tell(AskedBy(m.Train).Ask(m.Train, m.Round), m.Train));
        Receive<AskAgain>(m =>
        {
            Tell(AskedBy(m.Train).Ask(m.Train, m.Updates), m.Train);
            foreach (var (client, update) in m.Updates)
            {
                if (_sites.TryGetValue(client, out var site))
                    site.Ref.Tell(new SiteMessages.SendAgain(m.Train.Round, update));
            }
        });
        Receive<AskInjector>(m => _injectors.Ask(m.Federation, m.Site, m.Order));
        Receive<Lead>(m =>
        {
            _epoch = m.Epoch;
            if (m.Epoch > 1)
                _attendance.TakeOver();
        });
        Receive<Announce>(m =>
        {
            _ended[m.Ended.Federation] = (m.Ended.ToString(), m.Outcome, m.MayResume);
            if (_asked.GetValueOrDefault(m.Ended.Federation)?.Train?.Round == m.Ended)
                _asked.Remove(m.Ended.Federation);
            _injectors.End(m.Ended);
            TellAll(m.Roster, new SiteMessages.RoundEnded(m.Ended, _epoch, m.Outcome, m.MayResume));
        });
        Receive<AnnounceFederation>(m => TellAll(m.Roster, new SiteMessages.FederationEnded(m.Ended, _epoch, m.Outcome)));
        Receive<Describe>(m =>
        {
            var others = m.Asker is { } asker ? (IEnumerable<ClientId>)[asker] : _uninvited.All.Where(c => _sites.TryGetValue(c, out var here) && IsPresent(here.Seen));
            var (views, more) = Page.Cut(
                m.Sites.Union(others).Where(c => string.CompareOrdinal(c.Value, m.After) > 0).Order().Select(c => m.Shown(View(c, m.Of(c)))),
                v => Page.Of(v.Client, v.Node, v.Standing, v.Status.Activity, v.Status.Round, v.Status.Problem));
            Sender.Tell(new FederationQueries.Clients(views, more ? views[^1].Client : ""));
        });
        Receive<DescribeInjector>(m => Sender.Tell(_injectors.View(m.Site) is InjectorView view && !m.MayKnow
            ? view with { Status = view.Status with { Work = "", Problem = "" } }
            : _injectors.View(m.Site)));
        Receive<Beat>(_ =>
        {
            _attendance.Beat();
            // Right after a gap all seem to have been silent in it.
            if (!_attendance.IsSettling)
                NoteSilence();
        });
        Receive<Listen>(m =>
        {
            // After a gap this may be read before the beat that was due in it.
            _attendance.Beat();
            bool everybody = m.Sites.All(c => _attendance.Counts(c.Value)) && (!m.Injector || _injectors.Counts(m.InjectorSite));
            Sender.Tell(new Heard(everybody, _injectors.IsHere(m.InjectorSite))
            {
                Gone = m.SkipAfter is { } skip ? [.. m.Sites.Where(c => _attendance.SilenceOf(c.Value) >= skip)] : [],
            });
        });
        Receive<Call>(m =>
        {
            _attendance.Beat();
            Sender.Tell(new Called(m.Sites.ToImmutableDictionary(
                c => c,
                c => new SitePresence(_sites.TryGetValue(c, out var site) && IsPresent(site.Seen), _attendance.SilenceOf(c.Value), _attendance.WasHeard(c.Value)))));
        });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Beat), new Beat(), Attendance.BeatEvery);

    private void Welcome(SiteMessages.Hello hello, FederationId? home)
    {
        Greet(hello, mayKnow: true, home);
        if (_uninvited.Forget(hello.Client) is { } before)
            hello.Site.Tell(new SiteMessages.NotInvited(hello.Client, before, ""));
    }

    // The federation in which the site takes part is known, or else it is any that runs.
    private void Greet(SiteMessages.Hello said, bool mayKnow, FederationId? home)
    {
        var hello = said with { Status = SaidStatus.Read(said.Status), Machine = SaidStatus.Name(said.Machine), Packages = SaidStatus.Name(said.Packages) };
        bool back = IsBack(hello);
        var known = _sites.GetValueOrDefault(hello.Client);
        if (known is not null && IsAnother(known, hello))
        {
            Refuse(known, hello);
            return;
        }

        _attendance.Saw(hello.Client.Value);
        if (_silent.Remove(hello.Client.Value) || known is null)
            _log.Info("{Client} is here: {Place}", hello.Client, PlaceOf(hello));
        var offset = known is null || back ? new ClockOffset() : known.Clock;
        offset.Saw(hello.Clock, _clock.GetUtcNow());
        _sites[hello.Client] = new Presence<SiteStatus>(hello.Site, hello.Status, _clock.GetTimestamp())
        {
            Machine = hello.Machine,
            Clock = offset,
            Through = hello.Through,
            Packages = _packages.Heard(hello.Client.Value, hello.Packages),
        };

        string works = hello.Status.Round;
        var asked = home is { } its ? _asked.GetValueOrDefault(its) : _asked.Values.FirstOrDefault();
        string open = asked?.Train?.Round.ToString() ?? "";
        // Who has not heard of this epoch may still send to another server.
        if (asked?.Train is { } train && asked.Asks(hello.Client) && (back || works != open || hello.Epoch < train.Epoch))
            hello.Site.Tell(train);
        // A round is over when it was announced, or when another one is open. Right after a restart neither is known: no site drops its work then.
        else if (works != open && RoundId.Parse(works) is { } last && _ended.TryGetValue(last.Federation, out var ended) && ended.Round == works)
            hello.Site.Tell(new SiteMessages.RoundEnded(last, _epoch, mayKnow ? ended.Outcome : "", ended.MayResume));
        else if (works != open && open.Length > 0 && RoundId.Parse(works) is { } stale)
            hello.Site.Tell(new SiteMessages.RoundEnded(stale, _epoch));
    }

    private void TellAll(Roster roster, IWireMessage message)
    {
        foreach (var (_, site) in _sites.Where(s => roster.Sites.ContainsKey(s.Key)))
            site.Ref.Tell(message);
    }

    private bool IsBack(SiteMessages.Hello hello) => !_sites.TryGetValue(hello.Client, out var known) || !known.Ref.Equals(hello.Site);

    // A restarted node is known by its address or by its work folder, and takes its own place at once. Behind a gate the address is the server's.
    private bool IsAnother(Presence<SiteStatus> known, SiteMessages.Hello hello) =>
        !known.Ref.Equals(hello.Site) && IsPresent(known.Seen)
        && known.Machine.Length > 0 && hello.Machine != known.Machine
        && !(hello.Site.Path.Address.HasGlobalScope && hello.Site.Path.Address == known.Ref.Path.Address && (hello.Through, known.Through) == ("", ""));

    private void Refuse(Presence<SiteStatus> known, SiteMessages.Hello hello)
    {
        string node = PlaceOf(hello);
        if (!_refused.TryGetValue(hello.Client, out var before) || before.Node != node || !IsPresent(before.Seen))
            _log.Warning("{Client} is here already ({Node}): a second node of that name ({Second}) is refused while it is. Give it a name of its own", hello.Client, known.Node, node);
        _refused[hello.Client] = (node, _clock.GetTimestamp());
        hello.Site.Tell(new SiteMessages.NameTaken(hello.Client, known.Node));
    }

    private static string PlaceOf(SiteMessages.Hello hello) => hello.Through.Length > 0 ? hello.Through : hello.Site.Path.Address.ToString();

    private AskedSites AskedBy(SiteMessages.Train train)
    {
        if (!_asked.TryGetValue(train.Round.Federation, out var asked))
            _asked.Add(train.Round.Federation, asked = new AskedSites());
        return asked;
    }

    private void Tell(ImmutableArray<ClientId> clients, SiteMessages.Train train)
    {
        foreach (var client in clients)
        {
            if (_sites.TryGetValue(client, out var site))
                site.Ref.Tell(train);
        }
    }

    private ClientView View(ClientId client, (Roster Roster, Round? Round) its)
    {
        var (roster, round) = its;
        string standing = (roster.StandingOf(client), round) switch
        {
            (null, _) => "uninvited",
            (SiteStanding.Excluded, _) => "excluded",
            (SiteStanding.Drained, null) => "drained",
            _ => StandingIn(round, client),
        };
        return _sites.TryGetValue(client, out var site)
            ? new ClientView(
                client.Value, site.Node, IsPresent(site.Seen), standing, site.Status with { Problem = Page.Brief(site.Status.Problem) }, site.Clock.ToString(),
                _refused.TryGetValue(client, out var refused) && IsPresent(refused.Seen) ? refused.Node : "",
                site.Packages,
                IsPresent(site.Seen) && _clock.GetElapsedTime(site.Seen) >= Presence<SiteStatus>.Missed)
            : new ClientView(client.Value, "", false, standing, new SiteStatus("absent", "", 0, 0, double.NaN, 0, ""));
    }

    private static string StandingIn(Round? round, ClientId client) => round switch
    {
        null => "-",
        _ when round.Accepted.ContainsKey(client) => "accepted",
        _ when round.Dropped.ContainsKey(client) => "dropped",
        _ when round.LeftOut.TryGetValue(client, out var left) => left.Reason == RoundSelection.Drained ? "drained" : "left out",
        { Phase: Phase.Training } when round.Invites(client) => "awaited",
        _ => "-",
    };

    private void NoteSilence()
    {
        foreach (var (client, _) in _sites.Where(s => !IsPresent(s.Value.Seen) && _silent.Add(s.Key.Value)))
            _log.Warning("{Client} is silent", client);
        _injectors.NoteSilence();
    }

    private bool IsPresent(long seen) => _clock.GetElapsedTime(seen) < Presence<SiteStatus>.Silence;

    /// <summary>Ask the sites that have not answered in this round to train, and no others.</summary>
    internal sealed record AskSites(SiteMessages.Train Train, Round Round) : INoSerializationVerificationNeeded;

    /// <summary>Ask these sites for updates that counted and are lost: from the outbox, or trained again.</summary>
    internal sealed record AskAgain(SiteMessages.Train Train, ImmutableDictionary<ClientId, Digest> Updates) : INoSerializationVerificationNeeded;

    /// <summary>Ask a federation's injector for work; null takes the request back.</summary>
    /// <param name="Federation">Whose.</param>
    /// <param name="Site">The injector that its plan names; empty for none.</param>
    /// <param name="Order">What.</param>
    internal sealed record AskInjector(FederationId Federation, string Site, InjectorMessages.Order? Order);

    /// <summary>A site is here that takes part in this federation, which runs.</summary>
    internal sealed record Invited(SiteMessages.Hello Hello, FederationId Federation) : INoSerializationVerificationNeeded;

    /// <summary>An injector is here, and the federation that runs and is its; null where none does.</summary>
    internal sealed record InjectorHere(InjectorMessages.Hello Hello, FederationId? Federation) : INoSerializationVerificationNeeded;

    /// <summary>What is said from now on is said in this epoch.</summary>
    internal sealed record Lead(int Epoch);

    /// <summary>A round is over: take its requests back and tell every site of its federation's roster, and whether it may be tried again.</summary>
    internal sealed record Announce(RoundId Ended, Roster Roster, string Outcome = "", bool MayResume = false) : INoSerializationVerificationNeeded;

    /// <summary>A federation is over: tell every site of its roster.</summary>
    internal sealed record AnnounceFederation(FederationId Ended, Roster Roster, string Outcome) : INoSerializationVerificationNeeded;

    /// <summary>
    /// Asks for the views of the clients after this one as of this round, and of those who are here and do not take part; where a site asks, of
    /// itself instead of those, and of the others without the rounds of federations other than this one.
    /// </summary>
    internal sealed record Describe(Roster Roster, Round? Round, string After = "", ClientId? Asker = null, FederationId? Federation = null) : INoSerializationVerificationNeeded
    {
        /// <summary>The rosters and open rounds of the federations that run beside this one.</summary>
        public ImmutableArray<(Roster Roster, Round? Round)> Beside { get; init; } = [];

        /// <summary>All whose view is asked for.</summary>
        public IEnumerable<ClientId> Sites => Beside.Select(b => b.Roster).Prepend(Roster).SelectMany(r => r.Sites.Keys);

        /// <summary>The roster and the round of the federation in which a site is.</summary>
        public (Roster Roster, Round? Round) Of(ClientId site) =>
            Beside.FirstOrDefault(b => b.Roster.Sites.ContainsKey(site)) is { Roster: not null } other ? other : (Roster, Round);

        /// <summary>A client as it is shown to who asks.</summary>
        public ClientView Shown(ClientView view) =>
            Asker is not { } asker || view.Client == asker.Value || (RoundId.Parse(view.Status.Round) is { } works && works.Federation == Federation) ? view
                : view with { Status = view.Status with { Round = "" } };
    }

    /// <summary>Asks for <see cref="Injectors.View"/>; without what it works on for whom that is nothing.</summary>
    internal sealed record DescribeInjector(bool MayKnow, string? Site = null) : INoSerializationVerificationNeeded;

    /// <summary>A site is here that does not take part in what runs, and why; whether what it works on is over for it, and it may know what runs.</summary>
    internal sealed record Uninvited(SiteMessages.Hello Hello, FederationId Federation, string Why, bool MustEnd, bool MayKnow = true) : INoSerializationVerificationNeeded;

    /// <summary>Asks for <see cref="Heard"/>: whether the silence of these is their own, and who was silent for so long.</summary>
    internal sealed record Listen(ImmutableArray<ClientId> Sites, bool Injector, TimeSpan? SkipAfter = null)
    {
        /// <summary>The injector that the plan names; empty for none.</summary>
        public string InjectorSite { get; init; } = "";
    }

    /// <summary>Whether time counts against all who are waited for; the injector may be away all the same.</summary>
    internal sealed record Heard(bool Everybody, bool InjectorIsPresent)
    {
        /// <summary>Who was silent for as long as was asked.</summary>
        public ImmutableArray<ClientId> Gone { get; init; } = [];
    }

    /// <summary>Asks for <see cref="Called"/>: who of these is here.</summary>
    internal sealed record Call(ImmutableArray<ClientId> Sites);

    /// <summary>Who is here, and for how long the others were silent.</summary>
    internal sealed record Called(ImmutableDictionary<ClientId, SitePresence> Sites) : INoSerializationVerificationNeeded;

    private sealed record Beat;
}
