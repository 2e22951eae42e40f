using Akka.Actor;
using Akka.Cluster;
using FedKim.Audit;
using FedKim.Certificates;
using FedKim.Commands;
using FedKim.Commands.Host;
using FedKim.Launch.Answers;
using Serilog.Core;
using Serilog.Events;

namespace FedKim.Node.Hosting;

/// <summary>What a node runs on, and what may be changed of it while it runs.</summary>
/// <param name="trust">Its certificate; null where it has none.</param>
/// <param name="cluster">Its actor system in the cluster; null while it starts, and where it is in none.</param>
/// <param name="work">The actor system of its work; null while it starts.</param>
/// <param name="level">What its log tells.</param>
/// <param name="noted">Told what is changed, by whom, and whether it was, for the audit log.</param>
internal sealed class NodeMachinery(PeerTrust? trust, Func<ActorSystem?> cluster, Func<ActorSystem?> work, LoggingLevelSwitch level, Action<AuditEntry> noted) : INodeMachinery
{
    public string LogLevel => LogPalette.Name(level.MinimumLevel.ToString());

    public IReadOnlyList<KnownCertificate> Certificates() => trust?.Known() ?? [];

    public IReadOnlyList<ActorPlace> Actors(int most)
    {
        var places = new List<ActorPlace>();
        foreach (var system in new[] { cluster(), work() }.OfType<ActorSystem>())
            Add(system.Name, ((ExtendedActorSystem)system).Provider.Guardian);
        return places;

        void Add(string system, IActorRef actor)
        {
            if (places.Count >= most)
                return;
            var cell = actor as ActorRefWithCell;
            IActorRef[] below = cell is null ? [] : [.. cell.Children.OrderBy(child => child.Path.Name, StringComparer.Ordinal)];
            places.Add(new ActorPlace(system, actor.Path.ToStringWithoutAddress(), below.Length, cell?.Underlying.NumberOfMessages ?? 0));
            foreach (var child in below)
                Add(system, child);
        }
    }

    public void SetLogLevel(string name) => Change(AuditMatter.Node, $"tell {name} in the log", () => level.MinimumLevel = name switch
    {
        "debug" => LogEventLevel.Debug,
        "warning" => LogEventLevel.Warning,
        "error" => LogEventLevel.Error,
        _ => LogEventLevel.Information,
    });

    public long Collect()
    {
        long before = GC.GetTotalMemory(forceFullCollection: false), after = before;
        Change(AuditMatter.Node, "give memory back", () =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            after = GC.GetTotalMemory(forceFullCollection: true);
        });
        return Math.Max(0, before - after);
    }

    public void Leave(string address) => Change(AuditMatter.Member, $"let {address} leave the cluster", () =>
    {
        var (known, member) = MemberAt(address);
        known.Leave(member.Address);
    });

    public void PutOut(string address) => Change(AuditMatter.Member, $"put {address} out of the cluster", () =>
    {
        var (known, member) = MemberAt(address);
        if (!known.State.Unreachable.Contains(member))
            throw new CommandException(CommandFault.Failed, $"{address} is reached. End its node, or let it leave: cluster leave");
        known.Down(member.Address);
    });

    private (Cluster Cluster, Member Member) MemberAt(string address)
    {
        var known = Cluster.Get(cluster() ?? throw new CommandException(CommandFault.Failed, "This node is in no cluster, or is joining it. Ask a server's node."));
        var member = known.State.Members.FirstOrDefault(one => $"{one.Address.Host}:{one.Address.Port}" == address)
            ?? throw new CommandException(CommandFault.Failed, $"No node of the cluster is at {address}. 'cluster show' lists them.");
        return (known, member);
    }

    private void Change(AuditMatter matter, string deed, Action change)
    {
        var entry = ChangeAudit.Of(matter, deed, Caller.Now);
        try
        {
            if (Caller.Now is { MayChange: false } onlooker)
                throw new CommandException(CommandFault.Failed, $"{onlooker.Account} may look, and change nothing: that takes an operator's certificate.");
            change();
            noted(entry);
        }
        catch (Exception e)
        {
            noted(ChangeAudit.Failed(entry, e));
            throw;
        }
    }
}
