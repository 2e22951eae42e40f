using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using FedKim.Protocol.Messages;

namespace FedKim.Actors.Members;

/// <summary>Tells those who look for a cluster, see <see cref="Joining"/>, whether this node is in one, and which servers are in it.</summary>
public sealed class Door : ReceiveActor
{
    /// <summary>Its name below <c>/user</c>.</summary>
    public const string Name = "door";

    private static readonly MemberStatus[] LetsIn = [MemberStatus.Joining, MemberStatus.WeaklyUp, MemberStatus.Up];

    public Door()
    {
        var cluster = Cluster.Get(Context.System);
        var log = Context.GetLogger();
        var misspelt = new HashSet<MembershipMessages.Knock>();
        string self = NodeAddress.Text(cluster.SelfAddress);
        Receive<MembershipMessages.Knock>(knock =>
        {
            // Members know a node by one name. Said here too: whose file is to be changed, only people can decide.
            if (knock.Seed != self && misspelt.Add(knock))
                log.Warning("{Node} looks for this node as {Seed}, and this node calls itself {Self}: write {Self} into fedkim.cluster.seeds of {Node}, or let fedkim.cluster.host here be what the others write", knock.Node, knock.Seed, self, self, knock.Node);
            var state = cluster.State;
            bool member = !cluster.IsTerminated && state.Members.Any(m => m.UniqueAddress == cluster.SelfUniqueAddress && m.Status is MemberStatus.WeaklyUp or MemberStatus.Up);
            string[] servers = [.. state.Members.Where(m => IsServer(m) && !state.Unreachable.Contains(m)).Select(m => NodeAddress.Text(m.Address))];
            Sender.Tell(new MembershipMessages.Here(knock.Seed, self, member, member ? servers : []));
        });
    }

    /// <summary>Whether a member is a server that stays.</summary>
    internal static bool IsServer(Member member) => member.HasRole("server") && LetsIn.Contains(member.Status);
}
