using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using FedKim.Actors.Leases;
using FedKim.Protocol.Messages;

namespace FedKim.Actors.Members;

/// <summary>
/// Brings a new actor system into the cluster: asks every node it was told of, in no order, and joins whoever is in a cluster with a server.
/// A cluster without one is only for a server to enter, and none but a server begins one, when all have said that they are in none or time is
/// up: both only with the lease in the journal's database, so that of several servers that come up without each other one begins, and the others find it in the lease's row.
/// </summary>
public sealed class Joining : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan KnockEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan KnockLater = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AskLeaseEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Gone = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TryOtherNames = TimeSpan.FromSeconds(5);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly string _node;
    private readonly ImmutableArray<string> _seeds;
    private readonly ServerLease? _lease;
    private readonly Action _giveUp;
    private readonly string _self;
    private readonly TimeSpan _lookFor;
    private readonly TimeSpan _giveUpAfter;
    private readonly HashSet<string> _told = [];
    private readonly HashSet<string> _silent = [];
    private readonly HashSet<string> _listens = [];
    private ImmutableDictionary<string, string> _names;
    private string _left = "";
    private long _leftSeen;
    private string _holder = "";
    private bool _looksForItself;
    private bool _asksLease;
    private bool _entered;
    private string _target = "";
    private long _targetSeen;

    /// <param name="node">The node's name.</param>
    /// <param name="seeds">Nodes that may be in the cluster, <c>host:port</c>.</param>
    /// <param name="lease">On a server, the lease that allows it to begin a cluster; null on other nodes.</param>
    /// <param name="giveUp">Ends the actor system, so that a new one tries: an association that one side has given up for good does not heal.</param>
    public Joining(string node, ImmutableArray<string> seeds, ServerLease? lease, Action giveUp)
    {
        (_node, _seeds, _lease, _giveUp) = (node, seeds, lease, giveUp);
        _self = NodeAddress.Text(_cluster.SelfAddress);
        var settings = Context.System.Settings.Config.GetConfig("akka.cluster");
        _lookFor = settings.GetTimeSpan("seed-node-timeout");
        _giveUpAfter = settings.GetTimeSpan("shutdown-after-unsuccessful-join-seed-nodes");
        _names = seeds.Distinct().ToImmutableDictionary(seed => seed);
        Receive<Look>(_ => LookAround());
        Receive<MembershipMessages.Here>(Hear);
        Receive<Alone>(_ => LookForItself());
        Receive<Leased>(Begin);
        Receive<OtherNames>(TryNames);
        Receive<Status.Failure>(f =>
        {
            _asksLease = false;
            if (_told.Add("lease"))
                _log.Warning("Whether this server may begin a cluster cannot be asked: {Problem} It asks again", f.Cause.Message);
        });
        Receive<TooLate>(_ => GiveUp());
        Receive<FindOtherNames>(_ =>
        {
            Timers.StartPeriodicTimer("look", new Look(), KnockLater);
            HostNames.Others(_silent).PipeTo(Self, success: names => new OtherNames(names));
        });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _silent.UnionWith(_seeds.Where(s => s != _self));
        Timers.StartPeriodicTimer("look", new Look(), TimeSpan.Zero, KnockEvery);
        Timers.StartPeriodicTimer("names", new FindOtherNames(), TryOtherNames);
        Timers.StartSingleTimer("late", new TooLate(), _giveUpAfter);
        // Where nothing answers, the first of the list has a start: it is no more than a habit, the lease decides.
        if (_lease is not null)
            Timers.StartSingleTimer("alone", new Alone(), _silent.Count == 0 ? TimeSpan.Zero : _lookFor + (AskLeaseEvery * Math.Max(0, _seeds.IndexOf(_self))));
    }

    private void LookAround()
    {
        if (_cluster.State.Members.FirstOrDefault(m => m.UniqueAddress == _cluster.SelfUniqueAddress) is { } self)
        {
            if (self.Status is not (MemberStatus.Joining or MemberStatus.WeaklyUp))
                Timers.CancelAll();
            else if (!_entered)
                Enter();
            return;
        }

        // Whoever said that it lets others in may be gone by now.
        if (_target.Length > 0)
        {
            if (_target != _self && TimeProvider.System.GetElapsedTime(_targetSeen) > Gone)
                GiveUp();
            else if (_target != _self)
                Knock(_target, _target);
            return;
        }

        foreach (var (seed, name) in _names.Where(n => n.Value != _self))
            Knock(seed, name);
        if (_holder.Length > 0 && _holder != _self && !_names.ContainsValue(_holder))
            Knock(_holder, _holder);
    }

    // Whoever let it in may be gone before it is a full member: then nobody makes it one, and a node that is none decides nothing itself.
    private void Enter()
    {
        _entered = true;
        Timers.Cancel("names");
        Timers.Cancel("alone");
        Timers.StartSingleTimer("late", new TooLate(), _giveUpAfter);
    }

    private void Knock(string seed, string at) =>
        Context.ActorSelection(new RootActorPath(NodeAddress.Of(at, _cluster.SelfAddress.Protocol)) / "user" / Door.Name).Tell(new MembershipMessages.Knock(_node, seed));

    private void TryNames(OtherNames found)
    {
        foreach (string seed in found.Names.Select(n => n.Seed).Distinct().Where(_silent.Contains))
        {
            // A node that only starts slowly is not spoken of.
            if (!_listens.Add(seed) && _told.Add(seed))
                _log.Warning("Something listens at {Seed} and does not answer under that name: it hangs, or calls itself otherwise. fedkim.cluster.seeds here must say what fedkim.cluster.host and port say there", seed);
        }

        foreach (var (seed, at) in found.Names)
            Knock(seed, at);
    }

    private void Hear(MembershipMessages.Here here)
    {
        _silent.Remove(here.Seed);
        _names = _names.SetItem(here.Seed, here.Address);
        if (here.Seed != here.Address && _told.Add(here.Address))
            _log.Warning("fedkim.cluster.seeds names {Seed}, and that node calls itself {Address}: write {Address}, members know a node by one name only", here.Seed, here.Address, here.Address);
        // Whoever was to let this node in may be in no cluster by now, as sites that give theirs up for want of a server: it looks on at once.
        if (here.Address == _target)
            (_target, _targetSeen) = (here.Member ? _target : "", TimeProvider.System.GetTimestamp());
        if (_lease is not null && _silent.Count == 0 && _left.Length == 0 && !here.Member && !_looksForItself)
            LookForItself();
        if (_target.Length > 0 || !here.Member || here.Address == _self)
            return;
        if (here.Servers.Any(s => s != _self))
        {
            Join(here.Address);
        }
        else if (_lease is not null)
        {
            // Sites that lost their servers, or that have not noticed yet that this one begins anew.
            (_left, _leftSeen) = (here.Address, TimeProvider.System.GetTimestamp());
            AskLease();
        }
    }

    private void LookForItself()
    {
        _looksForItself = true;
        Timers.StartSingleTimer("alone", new Alone(), AskLeaseEvery);
        AskLease();
    }

    private void AskLease()
    {
        if (_asksLease || _target.Length > 0)
            return;
        _asksLease = true;
        _lease!.Take().PipeTo(Self, success: holder => new Leased(holder));
    }

    private void Begin(Leased leased)
    {
        _asksLease = false;
        if (_target.Length > 0)
            return;
        if (leased.Holder is { } holder)
        {
            if (_told.Add(holder.ToString()))
                _log.Info("This server looks for {Holder}, which holds the lease", holder.Description);
            _holder = holder.Address;
        }
        else if (_left.Length > 0 && TimeProvider.System.GetElapsedTime(_leftSeen) < Fresh)
        {
            Join(_left);
        }
        else if (_looksForItself)
        {
            _log.Info("No other node is in a cluster, and this server holds the lease: it begins one");
            Join(_self);
        }
    }

    private void GiveUp()
    {
        Timers.CancelAll();
        _giveUp();
    }

    private void Join(string address)
    {
        (_target, _targetSeen) = (address, TimeProvider.System.GetTimestamp());
        Timers.StartSingleTimer("late", new TooLate(), _giveUpAfter);
        _cluster.Join(NodeAddress.Of(address, _cluster.SelfAddress.Protocol));
    }

    private sealed record Look;

    private sealed record Alone;

    private sealed record TooLate;

    private sealed record FindOtherNames;

    private sealed record OtherNames(ImmutableArray<(string Seed, string At)> Names);

    private sealed record Leased(LeaseOwner? Holder);
}
