using System.Collections.Immutable;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Configuration;
using FedKim.Actors;
using FedKim.Actors.Members;
using FedKim.Certificates;
using FedKim.Configuration;
using FedKim.Protocol.Messages;

namespace FedKim.Attackers;

/// <summary>
/// An actor system at the members' port. With a hospital's certificate it is heard by nobody; with an injector's, which a member has, it can write to
/// actors whose whole path it knows, and does here all that is taken from members nevertheless.
/// </summary>
internal static class Members
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(4);

    public static ImmutableArray<Attack> All { get; } =
    [
        new("a hospital joins the cluster as a server", Joins),
        Does("a rogue member ends the federation's actor", system =>
        {
            foreach (string path in (string[])["/user/federation", "/user/federation/singleton", "/user/federation/singleton/actor", "/user/door", "/system/cluster/core/daemon", "/user"])
            {
                system.To(path).Tell(PoisonPill.Instance);
                system.To(path).Tell(Kill.Instance);
                // The same without looking for it, and as Akka's own supervisors do it.
                var actor = (IInternalActorRef)((ExtendedActorSystem)system.Own).Provider.ResolveActorRef($"{system.Server}{path}");
                actor.Tell(PoisonPill.Instance);
                actor.Tell(Kill.Instance);
                actor.Suspend();
                actor.Stop();
            }

            return Task.FromResult("");
        }),
        Does("a rogue member has objects made of types that it names", system =>
        {
            foreach (object named in (object[])[new FileInfo("/tmp/x"), new Uri("http://localhost"), Props.Create<Deployed>(), new List<int> { 1 }])
                system.To("/user/door").Tell(named);
            return Task.FromResult("");
        }),
        Does("a rogue member deploys an actor of its own at the server", async system =>
        {
            var deployed = system.Own.ActorOf(Props.Create<Deployed>().WithDeploy(new Deploy(new RemoteScope(system.Server))));
            return await AnswersAsync<string>(deployed, "Are you there?") is null ? "" : "It runs there.";
        }),
        Does("a rogue member looks for actors by a pattern", async system =>
            await AnswersAsync<ActorIdentity>(system.To("/user/*"), new Identify(1)) is { Subject: not null } found ? $"It was told of {found.Subject}." : ""),
    ];

    private static Attack Does(string name, Func<Rogue, Task<string>> deed) => new(name, async (target, cancel) =>
    {
        await using var rogue = new Rogue(target, target.Stolen(NodeRoles.Injector), NodeRoles.Injector);
        // Who is not heard at all would prove nothing.
        if (await rogue.KnocksAsync(Target.Patience) is null)
            throw new InvalidOperationException("A member's certificate is not heard at the members' port.");
        string got = await deed(rogue);
        if (got.Length > 0)
            return Outcome.Got(got);
        // Another's door is asked by another: by now this one may not be heard any more, which is its own affair.
        await using var friend = new Rogue(target, target.Stolen(NodeRoles.Injector), NodeRoles.Injector);
        return await friend.KnocksAsync(Target.Patience) is { Member: true } ? Outcome.Refused() : Outcome.Got("The server's door does not answer any more.");
    });

    private static async Task<Outcome> Joins(Target target, CancellationToken cancel)
    {
        var files = target.Forger.GoodFiles("hospital-rogue", PeerRole.Hospital);
        await using var rogue = new Rogue(target, files, NodeRoles.Server);
        if (await rogue.KnocksAsync(2 * Silence) is not null)
            return Outcome.Got("The server's door answers it.");
        Cluster.Get(rogue.Own).Join(rogue.Server);
        await Task.Delay(Silence, cancel);
        return Cluster.Get(rogue.Own).State.Members.IsEmpty
            ? Outcome.Refused(new Mark(target.Forger.Name(PeerRole.Hospital, "hospital-rogue"), "a server or injector is wanted here"))
            : Outcome.Got("It is a member.");
    }

    private static async Task<T?> AnswersAsync<T>(ICanTell whom, object question, TimeSpan? patience = null)
        where T : class
    {
        try
        {
            return await whom.Ask<T>(question, patience ?? Silence);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    /// <summary>An actor system with somebody's certificate that belongs to no cluster.</summary>
    private sealed class Rogue : IAsyncDisposable
    {
        // All types may be written, as by a member that was changed.
        private const string Hostile = """
            akka.loglevel = OFF, akka.stdout-loglevel = OFF
            akka.coordinated-shutdown.exit-clr = off, akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
            akka.actor.allow-unregistered-types = true
            akka.actor.serializers.json = "Akka.Serialization.NewtonSoftJsonSerializer, Akka"
            akka.actor.serialization-bindings."System.Object" = json
            """;

        private readonly PeerTrust _trust;

        public Rogue(Target target, TrustFiles files, string role)
        {
            _trust = PeerTrust.Load(files, TimeProvider.System, _ => { });
            var certificates = new MemberCertificates(new PeerTls(_trust), [PeerRole.Server, PeerRole.Injector, PeerRole.Hospital]);
            var config = ConfigurationFactory.ParseString(Hostile).WithFallback(ActorConfiguration.Member("127.0.0.1", 0, [role], timing: Timing.Quick, certified: true));
            Own = ActorSystem.Create(ActorConfiguration.System, ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), certificates.Setup()));
            Server = new Address("akka.ssl.tcp", ActorConfiguration.System, "127.0.0.1", target.Server.Port);
        }

        public ActorSystem Own { get; }

        public Address Server { get; }

        public ActorSelection To(string path) => Own.ActorSelection($"{Server}{path}");

        // The server dials back before it answers.
        public async Task<MembershipMessages.Here?> KnocksAsync(TimeSpan patience) =>
            await AnswersAsync<MembershipMessages.Here>(To("/user/door"), new MembershipMessages.Knock("rogue", $"{Server.Host}:{Server.Port}"), patience);

        public async ValueTask DisposeAsync()
        {
            await Own.Terminate();
            _trust.Dispose();
        }
    }

    private sealed class Deployed : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell("Here.");
    }
}
