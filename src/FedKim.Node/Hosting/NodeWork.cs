using System.Collections.Immutable;
using Akka.Actor;
using FedKim.Actors.Hospital;
using FedKim.Actors.Hospital.Plans;
using FedKim.Actors.Injector;
using FedKim.Actors.Members;
using FedKim.Configuration;
using FedKim.Learning;
using FedKim.Learning.Rehearsal;
using FedKim.Models;
using FedKim.Rounds;
using FedKim.Transfer;
using Serilog;

namespace FedKim.Node.Hosting;

/// <summary>What a node works at, in an actor system that is in no cluster and lasts as long as the process: a hospital, several, or an injector.</summary>
/// <param name="Actors">Each with its name and its way to the server.</param>
/// <param name="Spokesman">Whoever answers on the node for what it does; null where it does nothing.</param>
/// <param name="CarriesSites">Whether they are several sites, which say hello together.</param>
internal sealed record NodeWork(ImmutableArray<(string Name, IActorRef Work, IActorRef Uplink)> Actors, IActorRef? Spokesman, bool CarriesSites)
{
    // What several sites send to one server goes by so few connections: each of thousands would cost the server more than what it brings.
    private const int MostConnections = 4;

    /// <summary>Starts the work that a node's file names.</summary>
    /// <param name="node">What the file says.</param>
    /// <param name="system">The actor system.</param>
    /// <param name="store">The node's weights.</param>
    /// <param name="outlet">Whether a hospital gives them to a server that lacks them.</param>
    /// <param name="route">How the servers' weights are reached.</param>
    /// <param name="log">The node's log.</param>
    /// <param name="ending">Ends the work when the node stops, at its last checkpoint.</param>
    public static NodeWork Start(NodeConfiguration node, ActorSystem system, WeightStore store, Outlet outlet, WeightRoute route, ILogger log, CancellationToken ending)
    {
        var actors = ImmutableArray.CreateBuilder<(string, IActorRef Work, IActorRef)>();
        Action<string> warn = problem => log.Warning("{Problem:l}", problem);
        if (node.Is(NodeRoles.Injector))
        {
            Func<IInjection> injection = () => new InjectionByPlan(() =>
                WithTorch(() => new Injection(node.Data, AppContext.BaseDirectory) { Warn = warn, Device = node.Injector! }));
            Add(NodeRoles.Injector, uplink => InjectorRole.Work(injection, store, route, Path.Combine(node.Work, "injection"), uplink, ending, node.Site));
        }
        if (node.CarriesSites)
        {
            var (key, weights, together) = (SiteKey.Of(node), new SharedWeights(store), route with { Shared = new SharedConnections(MostConnections) });
            foreach (string site in node.Clients)
            {
                Add($"{NodeRoles.Hospital}-{site}", uplink => HospitalRole.WorkOfOne(
                    new ClientId(site), Training(key, node.DataOf(site)), weights, together, node.RoundsOf(site), uplink, ending));
            }
        }
        else if (node.Is(NodeRoles.Hospital))
        {
            byte[] key = SiteKey.Of(node);
            Add(NodeRoles.Hospital, uplink => HospitalRole.Work(
                new ClientId(node.Site), Training(key, node.Data), store, route, node.RoundsOf(node.Site), uplink, ending, node.Accept, outlet));
        }

        IReadOnlyList<IActorRef> works = [.. actors.Select(a => a.Work)];
        var spokesman = node.CarriesSites ? system.ActorOf(Props.Create(() => new NodeSites(works)), NodeRoles.Hospital) : works.LastOrDefault();
        return new NodeWork(actors.DrainToImmutable(), spokesman, node.CarriesSites);

        void Add(string name, Func<IActorRef, Props> work)
        {
            var uplink = system.ActorOf(Props.Create(() => new Uplink()), $"{name}-uplink");
            actors.Add((name, system.ActorOf(work(uplink), name), uplink));
        }

        Func<ILocalTraining> Training(byte[] key, string data) => () => new TrainingByPlan(
            () => WithTorch(() => new LocalTraining(data) { Warn = warn, Key = key, Device = node.Trainer! }));

        T WithTorch<T>(Func<T> learning)
        {
            TorchRuntime.Load(node.TorchFolder, node.TorchBits);
            return learning();
        }
    }

    /// <summary>Lets the work speak in an actor system of the cluster.</summary>
    /// <param name="system">The actor system.</param>
    /// <param name="server">The way to the federation's actor.</param>
    public void Enter(ActorSystem system, IActorRef server)
    {
        var way = CarriesSites ? system.ActorOf(Props.Create(() => new Greeter(server)), NodeRoles.Hospital) : server;
        foreach (var (name, work, uplink) in Actors)
            system.ActorOf(Props.Create(() => new MemberLink(work, uplink, way)), name);
    }
}
