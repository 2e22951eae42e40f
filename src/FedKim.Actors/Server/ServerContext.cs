using Akka.Actor;
using FedKim.Transfer;

namespace FedKim.Actors;

/// <summary>What the server's actors share.</summary>
/// <param name="Store">The server's weights.</param>
/// <param name="Spool">The updates of open rounds.</param>
/// <param name="Weights">Base address of the server's weight plane, as sites reach it.</param>
/// <param name="Scratch">A folder on the store's disk for unfinished files.</param>
/// <param name="Directory">The <see cref="SiteDirectory"/>.</param>
/// <param name="Clock">The only source of time.</param>
internal sealed record ServerContext(WeightStore Store, Spool Spool, string Weights, string Scratch, IActorRef Directory, TimeProvider Clock);
