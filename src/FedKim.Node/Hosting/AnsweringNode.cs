using Akka.Actor;
using Akka.Cluster;
using FedKim.Actors;
using FedKim.Actors.Hospital;
using FedKim.Actors.Hospital.Plans;
using FedKim.Actors.Links;
using FedKim.Audit;
using FedKim.Certificates;
using FedKim.Commands;
using FedKim.Commands.Host;
using FedKim.Configuration;
using FedKim.Launch.Answers;
using FedKim.Protocol.Messages;
using FedKim.Transfer;

namespace FedKim.Node.Hosting;

/// <summary>What a node's commands are answered from: its actor system, and the federation's actor, wherever that is.</summary>
/// <param name="node">What its file says.</param>
/// <param name="trust">Its certificate; null where it has none.</param>
/// <param name="weights">Its weights.</param>
/// <param name="system">Its actor system; null while it starts.</param>
/// <param name="server">The way to the federation's actor; null while the system starts.</param>
/// <param name="link">How its outbound link stands; null where it has none.</param>
/// <param name="work">Its own hospital or injector; null while it starts, and where it is neither.</param>
/// <param name="noted">Told what is to be changed, by whom, and whether it was, for the audit log.</param>
/// <param name="machinery">What it runs on; null where nobody asks for that.</param>
internal sealed class AnsweringNode(
    NodeConfiguration node, PeerTrust? trust, WeightStore weights, Func<ActorSystem?> system, Func<IActorRef?> server, Func<LinkView?> link, Func<IActorRef?> work,
    Action<AuditEntry> noted, INodeMachinery? machinery = null) : IAnsweringNode
{
    public NodeConfiguration Configuration => node;

    public DateTimeOffset? CertificateEnds => trust?.Certificate.NotAfter;

    public WeightStore Weights => weights;

    public INodeMachinery Machinery => machinery ?? throw new InvalidOperationException("Nothing is known of what this node runs on.");

    public IReadOnlyList<RoundWork> Work() => WorkRecord.Sum(node.Clients.SelectMany(client => WorkRecord.Read(node.RoundsOf(client))));

    // Asked of the node's own actor: it answers while no server can be reached, too.
    public async Task<Activity?> ActivityAsync(CancellationToken cancel)
    {
        if (work() is not { } own)
            return null;
        try
        {
            var activity = await own.Ask<Activity>(new GetActivity(), CommandLimits.Activity, cancel);
            return link() is { IsOpen: false } lost && activity.Problem.Length == 0 ? activity with { Problem = $"is connected to no server: {lost.Missing}" } : activity;
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    // A person's word is for this node alone, and noted whether it was taken or not.
    public async Task<T> AskHospitalAsync<T>(object question, CancellationToken cancel)
    {
        if (question is not PlanMessages.Say said)
            return await OwnAsync<T>(question, cancel);
        var entry = ChangeAudit.Of(said, Caller.Now);
        try
        {
            var answer = await OwnAsync<T>(question, cancel);
            noted(answer is PlanView plan ? entry with { Federation = plan.Federation, Digest = plan.Digest } : entry);
            return answer;
        }
        catch (Exception e)
        {
            noted(ChangeAudit.Failed(entry, e));
            throw;
        }
    }

    public IReadOnlyList<ClusterMember> Members()
    {
        if (link() is { } outbound)
            return [.. node.Doors.Select(door => new ClusterMember(door, [NodeRoles.Server], DoorStatus(outbound, door), outbound.Door == door, false))];
        var state = Cluster.Get(system() ?? throw Starting()).State;
        return
        [
            .. state.Members.OrderBy(member => member.Address.ToString(), StringComparer.Ordinal).Select(member => new ClusterMember(
                $"{member.Address.Host}:{member.Address.Port}", [.. member.Roles.Order(StringComparer.Ordinal)], member.Status.ToString(),
                !state.Unreachable.Contains(member), member.Address == state.Leader)),
        ];
    }

    public async Task<T> AskAsync<T>(IWireMessage question, CancellationToken cancel, TimeSpan? within = null)
    {
        if (question is not OperatorMessages.IChange change)
            return await TellAsync<T>(question, cancel, within);
        var entry = ChangeAudit.Of(change, Caller.Now);
        try
        {
            var answer = await ChangeAsync<T>(change, cancel, within);
            noted(entry);
            return answer;
        }
        catch (Exception e)
        {
            noted(ChangeAudit.Failed(entry, e));
            throw;
        }
    }

    private async Task<T> OwnAsync<T>(object question, CancellationToken cancel)
    {
        if (Caller.Now is { IsHere: false })
            throw new CommandException(CommandFault.Failed, $"What {node.Site} trains for its own people say, on its machine.");
        if (!node.Is(NodeRoles.Hospital))
            throw new CommandException(CommandFault.Failed, $"{node.Site} is no hospital and trains for no plan. Ask the hospital's own node.");
        try
        {
            object answer = await (work() ?? throw Starting()).Ask(question, CommandLimits.Question, cancel);
            return answer is PlanMessages.Unsaid unsaid ? throw new CommandException(CommandFault.Failed, unsaid.Why) : (T)answer;
        }
        catch (AskTimeoutException e)
        {
            throw new CommandException(CommandFault.Failed, "This node's hospital does not answer: its disk or its machine is busy. Ask again.", e);
        }
    }

    private Task<T> ChangeAsync<T>(OperatorMessages.IChange change, CancellationToken cancel, TimeSpan? within) => Caller.Now switch
    {
        { MayChange: false } onlooker => throw new CommandException(CommandFault.Failed, $"{onlooker.Account} may look, and change nothing: that takes an operator's certificate."),
        _ when node.Is(NodeRoles.Server) => TellAsync<T>(change, cancel, within),
        // A hospital's people have a word on what happens at their hospital, and none on what happens at the others.
        _ => throw new CommandException(CommandFault.Failed, $"{node.Site} is no server, and only at a server a federation is begun, cancelled, stopped, resumed or removed, and sites are sent away and back. Ask there."),
    };

    private async Task<T> TellAsync<T>(IWireMessage question, CancellationToken cancel, TimeSpan? within)
    {
        try
        {
            object answer = await (server() ?? throw Starting()).Ask(question, within ?? CommandLimits.Question, cancel);
            return answer switch
            {
                FederationQueries.NotFound none => throw new CommandException(CommandFault.Failed, none.Message),
                OperatorMessages.Refused refused => throw new CommandException(CommandFault.Failed, refused.Reason),
                _ => (T)answer,
            };
        }
        catch (AskTimeoutException e)
        {
            throw new CommandException(CommandFault.Failed, "The federation's server does not answer. It is starting, or this node cannot reach it.", e);
        }
    }

    private static string DoorStatus(LinkView link, string door) => link.Door == door
        ? $"connected to {link.Server} by an outbound link; this node is in no cluster"
        : link.Problems.TryGetValue(door, out string? problem) ? problem : "not tried";

    private static CommandException Starting() => new(CommandFault.Failed, "The node is starting or joining the cluster again. Ask again in a moment.");
}
