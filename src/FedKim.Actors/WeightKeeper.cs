using Akka.Actor;
using Akka.Event;
using FedKim.Protocol;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors;

/// <summary>Gives, on every node, what the node's store holds to a server that took over and lacks it.</summary>
public sealed class WeightKeeper : ReceiveActor
{
    /// <summary>Its name below <c>/user</c>.</summary>
    public const string Name = "weights";

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HashSet<(Digest, string)> _sending = [];

    /// <param name="store">The node's weights.</param>
    public WeightKeeper(WeightStore store)
    {
        Receive<WeightMessages.Wanted>(m =>
        {
            foreach (var digest in m.Digests.Where(d => _sending.Add((d, m.Weights))))
                Send(store, digest, m.Weights).PipeTo(Self);
        });
        Receive<Ended>(m =>
        {
            _sending.Remove((m.Digest, m.Weights));
            if (m.Problem.Length > 0)
                _log.Warning("Weights {Digest} did not reach {Server}: {Problem}", m.Digest.Short, m.Weights, m.Problem);
        });
    }

    private static async Task<Ended> Send(WeightStore store, Digest digest, string weights)
    {
        try
        {
            if (await Task.Run(() => store.Has(digest)))
            {
                using var client = new WeightClient(new Uri(weights), store);
                await client.SendAsync(digest);
            }

            return new Ended(digest, weights, "");
        }
        catch (Exception e) when (e is TransferException or IOException)
        {
            return new Ended(digest, weights, e.Message);
        }
    }

    private sealed record Ended(Digest Digest, string Weights, string Problem);
}
