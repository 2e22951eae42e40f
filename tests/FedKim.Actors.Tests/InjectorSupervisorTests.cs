using System.Net;
using Akka.Actor;
using Akka.Configuration;
using FedKim.Actors.Injector;
using FedKim.Learning.Rehearsal;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Tests;

public sealed class InjectorSupervisorTests() : PatientKit(ConfigurationFactory.ParseString(Fragments.Text("dispatchers.conf")))
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-").FullName;

    // A server that lost its last aggregate may have to make the next one from it: nobody else has it.
    [Fact]
    public async Task An_aggregate_stays_until_the_next_one_is_here()
    {
        var (held, offered) = (new WeightStore(Path.Combine(_folder, "injector"), copies: true), new WeightStore(Path.Combine(_folder, "server")));
        var (last, next) = (Put(held, 1), Put(offered, 2));
        await using var server = await WeightServer.StartAsync(offered, new Spool(Path.Combine(_folder, "spool")), new IPEndPoint(IPAddress.Loopback, 0));
        var injector = Sys.ActorOf(InjectorRole.Work(
            () => new RehearsalInjection(), held, WeightRoute.Plain, Path.Combine(_folder, "work"), TestActor, CancellationToken.None));

        injector.Tell(Inject(next, "http://127.0.0.1:1"));
        await FishForMessageAsync(m => m is InjectorMessages.Hello { Status.Activity: "fetching" });
        Assert.True(held.Has(last));

        injector.Tell(Inject(next, server.Address.ToString()));
        await AwaitAssertAsync(() => Assert.Equal([next], held.List()));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Directory.Delete(_folder, recursive: true);
    }

    private Digest Put(WeightStore store, byte content)
    {
        string file = Path.Combine(_folder, $"{content}");
        File.WriteAllBytes(file, [content]);
        var digest = Digests.OfFile(file);
        store.Import(new WeightFile(file, digest));
        return digest;
    }

    private static InjectorMessages.Order Inject(Digest aggregate, string weights) =>
        new(new InjectorMessages.Inject(new RoundId(new FederationId("demo"), 2), 1, 1, "{}", aggregate, aggregate), weights, 1);
}
