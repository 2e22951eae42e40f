using Akka.Actor;
using Akka.Event;
using FedKim.Protocol;
using FedKim.Transfer;

namespace FedKim.Actors;

/// <summary>Gives, on every node, what the node's store holds to a server that took over and lacks it.</summary>
public sealed class WeightKeeper : ReceiveActor
{
    /// <summary>Its name below <c>/user</c>.</summary>
    public const string Name = "weights";

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HashSet<WeightMessages.Wanted> _sending = [];

    /// <param name="store">The node's weights.</param>
    /// <param name="route">How the servers' weights are reached.</param>
    public WeightKeeper(WeightStore store, WeightRoute route)
    {
        Receive<WeightMessages.Wanted>(m =>
        {
            if (_sending.Add(m))
                Send(store, route, m).PipeTo(Self);
        });
        Receive<Ended>(m =>
        {
            _sending.Remove(m.Wanted);
            if (m.Problem.Length > 0)
                _log.Warning("Weights {Digest} did not reach {Server}: {Problem}", m.Wanted.Digest.Short, m.Wanted.Weights, m.Problem);
        });
    }

    private static async Task<Ended> Send(WeightStore store, WeightRoute route, WeightMessages.Wanted wanted)
    {
        try
        {
            if (await Task.Run(() => store.Has(wanted.Digest)))
            {
                using var client = route.To(wanted.Weights, store);
                await client.SendAsync(wanted.Digest);
            }

            return new Ended(wanted, "");
        }
        catch (Exception e) when (e is TransferException or IOException)
        {
            return new Ended(wanted, e.Message);
        }
    }

    private sealed record Ended(WeightMessages.Wanted Wanted, string Problem);
}
