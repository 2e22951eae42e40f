using Akka.Actor;
using FedKim.Learning;
using FedKim.Transfer;

namespace FedKim.Actors.Injector;

/// <summary>The injector's part on its node.</summary>
public static class InjectorRole
{
    /// <summary>The actor that speaks for the one which owns the foundation model and its device.</summary>
    /// <param name="load">Loads the foundation model; called on the injector's own thread, again after its work broke.</param>
    /// <param name="store">The injector's own copies of models.</param>
    /// <param name="route">How the servers' weights are reached.</param>
    /// <param name="folders">Folder in which each work has one of its own: checkpoints and results.</param>
    /// <param name="server">The way to the federation's actor.</param>
    /// <param name="stopping">Ends work when the node stops, at its last checkpoint.</param>
    /// <param name="site">The node's site, by which plans name it.</param>
    public static Props Work(
        Func<IInjection> load, WeightStore store, WeightRoute route, string folders, IActorRef server, CancellationToken stopping, string site = "") =>
        Props.Create(() => new InjectorSupervisor(load, store, route, folders, server, stopping, site));
}
