using Akka.Actor;
using Akka.Event;
using FedKim.Actors.Hospital.Plans;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors;

/// <summary>
/// Gives, on every node, what the node's store holds to a server that took over and lacks it. On a server that does not lead it also drops
/// what was left from times when it did: the updates of rounds that have ended first of all.
/// </summary>
public sealed class WeightKeeper : ReceiveActor, IWithTimers
{
    /// <summary>Its name below <c>/user</c>.</summary>
    public const string Name = "weights";

    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(2);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HashSet<IWireMessage> _sending = [];
    private readonly WeightStore _store;
    private readonly WeightRoute _route;
    private readonly Outlet _outlet;
    private int _led;
    private int _next;

    /// <param name="node">The node's name.</param>
    /// <param name="store">The node's weights.</param>
    /// <param name="spool">The updates of open rounds, on a server; null elsewhere.</param>
    /// <param name="route">How the servers' weights are reached.</param>
    /// <param name="server">The way to the federation's actor.</param>
    public WeightKeeper(string node, WeightStore store, Spool? spool, WeightRoute route, IActorRef server) : this(node, store, spool, route, server, new Outlet())
    {
    }

    /// <inheritdoc cref="WeightKeeper(string, WeightStore, Spool?, WeightRoute, IActorRef)"/>
    /// <param name="outlet">Whether a hospital gives anything now. What a server holds is no site's own any more.</param>
    public WeightKeeper(string node, WeightStore store, Spool? spool, WeightRoute route, IActorRef server, Outlet outlet)
    {
        (_store, _route, _outlet) = (store, route, spool is null ? outlet : new Outlet());
        Receive<WeightMessages.Wanted>(m => Send(m, m.Digest, m.Weights, () => store.Has(m.Digest), (client, cancel) => client.SendAsync(m.Digest, cancel: cancel)));
        Receive<WeightMessages.UpdateWanted>(m =>
        {
            if (spool?.Open(m.Round) is { } updates)
                Send(m, m.Update, m.Weights, () => updates.Has(m.Update), (client, cancel) => client.SendAsync(m.Round, m.Update, updates, cancel));
            else
                Send(m, m.Update, m.Weights, () => store.Has(m.Update), (client, cancel) => client.SendAsync(m.Round, m.Update, cancel: cancel));
        });
        Receive<Sent>(m =>
        {
            _sending.Remove(m.Wanted);
            if (m.Problem is { } problem)
            {
                _log.Warning("What a server lacks did not reach it: {Problem}", Reason.Of(problem, "this node's folder"));
                _log.Debug(problem, "What a server lacks did not reach it");
            }
            else if (m.Bytes > 0)
            {
                _log.Info("Gave a server that took over {Digest}, {Bytes} bytes", m.Digest.Short, m.Bytes);
            }
        });
        Receive<Ask>(_ => UsingFiles(() => server.Tell(new WeightMessages.GetSuperfluous(NextHeld()))));
        Receive<Lead>(m => _led = m.Epoch);
        // Where a coordinator leads, or has led since, what it holds is its own affair.
        Receive<WeightMessages.Superfluous>(m => m.Coordinator != node && m.Epoch > _led, m => UsingFiles(() =>
        {
            var dropUpdates = spool!.EndAllBut([.. m.Rounds.Select(RoundId.Parse).OfType<RoundId>()]);
            var dropWeights = store.Discard([.. m.Weights.Select(Digest.Parse)]);
            Context.System.Dispatchers.Lookup(Threads.Files).Run(() =>
            {
                dropUpdates();
                dropWeights();
                return Akka.Done.Instance;
            }).PipeTo(Self);
        }));
        Receive<WeightMessages.Superfluous>(_ => { });
        Receive<Akka.Done>(_ => { });
        Receive<Status.Failure>(f => StillThere(f.Cause));
        if (spool is not null)
            Timers.StartPeriodicTimer("ask", new Ask(), AskEvery);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    // Its own files' trouble passes; an actor that began anew for it would not know any more that its node has led.
    private void UsingFiles(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            StillThere(e);
        }
    }

    private void StillThere(Exception why) => _log.Warning("What is not needed any more still takes room: {Problem}", why.Message);

    // As many as a frame holds, the next ones the next time.
    private string[] NextHeld()
    {
        const int Most = 1000;
        var held = _store.List();
        if (_next >= held.Length)
            _next = 0;
        string[] page = [.. held.Skip(_next).Take(Most).Select(d => d.Hex)];
        _next += Most;
        return page;
    }

    private void Send(IWireMessage wanted, Digest digest, string weights, Func<bool> holds, Func<WeightClient, CancellationToken, Task<long>> send)
    {
        if (!_outlet.IsOpen)
            _log.Debug("A server asks for {Digest}; this site's word on its plan is not said, or is no", digest.Short);
        else if (_sending.Add(wanted))
            Run(_outlet.WhileOpen).PipeTo(Self);

        async Task<Sent> Run(CancellationToken cancel)
        {
            try
            {
                if (!await Task.Run(holds))
                    return new Sent(wanted, digest, 0, null);
                using var client = _route.To(weights, _store);
                return new Sent(wanted, digest, await send(client, cancel), null);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return new Sent(wanted, digest, 0, null);
            }
            catch (Exception e)
            {
                // Whatever it was, the server asks for it again.
                return new Sent(wanted, digest, 0, e);
            }
        }
    }

    /// <summary>This node leads, in this epoch.</summary>
    public sealed record Lead(int Epoch);

    private sealed record Ask;

    private sealed record Sent(IWireMessage Wanted, Digest Digest, long Bytes, Exception? Problem);
}
