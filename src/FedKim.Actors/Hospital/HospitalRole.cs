using Akka.Actor;
using FedKim.Actors.Hospital.Plans;
using FedKim.Learning;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Hospital;

/// <summary>A hospital's part on its node.</summary>
public static class HospitalRole
{
    /// <summary>The actor that trains on the site's data and speaks for it.</summary>
    /// <param name="client">The site.</param>
    /// <param name="training">Starts the site's training; called on its own thread.</param>
    /// <param name="store">The site's own copies of global models.</param>
    /// <param name="route">How the servers' weights are reached.</param>
    /// <param name="rounds">Folder in which each round has one of its own: checkpoints and the finished update, the outbox.</param>
    /// <param name="server">The way to the federation's actor.</param>
    /// <param name="stopping">Ends training when the node stops, at its last checkpoint.</param>
    /// <param name="acceptance">For which plans the site trains; null for whatever a server asks.</param>
    /// <param name="outlet">Shut and opened by the site's word; read by whoever gives its weights to servers.</param>
    public static Props Work(
        ClientId client, Func<ILocalTraining> training, WeightStore store, WeightRoute route, string rounds, IActorRef server, CancellationToken stopping,
        PlanAcceptance? acceptance = null, Outlet? outlet = null) => Make(
            client, training, new SharedWeights(store), route, rounds, server, stopping, acceptance ?? PlanAcceptance.Certified, outlet ?? new Outlet(), Threads.Learning);

    /// <summary>
    /// The same for one of several sites that a node carries: they share its weights and one thread, on which one trains after another. Each trains
    /// for whatever a server asks. They speak on the threads for files: a thousand that write what they are asked for leave the node's heartbeats alone.
    /// </summary>
    /// <inheritdoc cref="Work"/>
    /// <param name="weights">The node's weights, the same for all of them.</param>
    public static Props WorkOfOne(
        ClientId client, Func<ILocalTraining> training, SharedWeights weights, WeightRoute route, string rounds, IActorRef server, CancellationToken stopping) =>
        Make(client, training, weights, route, rounds, server, stopping, PlanAcceptance.Certified, new Outlet(), Threads.SharedLearning).WithDispatcher(Threads.Files);

    private static Props Make(
        ClientId client, Func<ILocalTraining> training, SharedWeights weights, WeightRoute route, string rounds, IActorRef server, CancellationToken stopping,
        PlanAcceptance acceptance, Outlet outlet, string threads) =>
        Props.Create(() => new ClientActor(client, training, weights, route, rounds, server, stopping, acceptance, outlet, threads));
}
