using Akka.Actor;
using Akka.Configuration;
using FedKim.Actors.Hospital;
using FedKim.Actors.Members;
using FedKim.Learning.Rehearsal;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Tests;

/// <summary>A hospital's work outlives the actor systems by which its node is in the cluster.</summary>
public sealed class MemberLinkTests() : PatientKit(ConfigurationFactory.ParseString(Fragments.Text("dispatchers.conf")))
{
    private static readonly RoundId Round = new(new FederationId("demo"), 2);

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-").FullName;

    [Fact]
    public async Task What_a_hospital_does_goes_on_when_its_node_joins_again()
    {
        var uplink = Sys.ActorOf(Props.Create(() => new Uplink()));
        var site = Sys.ActorOf(HospitalRole.Work(
            new ClientId("hospital-a"), () => new RehearsalTraining(), new WeightStore(Path.Combine(_folder, "weights"), true), WeightRoute.Plain,
                Path.Combine(_folder, "rounds"), uplink, CancellationToken.None));

        var first = await Link();
        var before = (SiteMessages.Hello)await FishForMessageAsync(m => m is SiteMessages.Hello);
        before.Site.Tell(new SiteMessages.Train(Round, 1, "fedavg", "{}", Digest.Of([.. Enumerable.Repeat((byte)1, 32)]), "http://127.0.0.1:1", 3));
        await FishForMessageAsync(m => m is SiteMessages.Hello { Status.Round: "demo/2" });
        await first.Terminate();
        await Link();

        // Said before anybody has asked for anything anew.
        var after = (SiteMessages.Hello)await FishForMessageAsync(m => m is SiteMessages.Hello hello && !hello.Site.Equals(before.Site));
        Assert.Equal(("demo/2", 3), (after.Status.Round, after.Epoch));

        async Task<ActorSystem> Link()
        {
            var member = ActorSystem.Create("member", "akka { loglevel = OFF, stdout-loglevel = OFF }");
            var server = TestActor;
            member.ActorOf(Props.Create(() => new MemberLink(site, uplink, server)));
            await Task.Yield();
            return member;
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Directory.Delete(_folder, recursive: true);
    }
}
