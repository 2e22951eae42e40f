using System.Threading.Channels;
using Akka.Actor;
using FedKim.Actors.Links;
using FedKim.Protocol.Framed;
using Grpc.Core;

namespace FedKim.Node.Links;

/// <summary>One call is one site's line: its frames go to a gate, and the gate's to it, until either ends.</summary>
internal sealed class LinkService(LinkDoor door) : SiteLink.SiteLinkBase
{
    // Everything is said again anyway.
    private const int MostFrames = 200;

    // A site says hello every second, and asks now and then.
    private const int MostASecond = 50;

    private static readonly TimeSpan OpenWithin = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan OpenAtLast = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override async Task Connect(IAsyncStreamReader<SiteFrame> requestStream, IServerStreamWriter<ServerFrame> responseStream, ServerCallContext context)
    {
        var call = context.GetHttpContext();
        var found = door.Peer(call);
        var audit = new LineAudit(call, found, door.Noted ?? (_ => { }));
        if (found is not { } peer)
        {
            audit.Refused("the connection proves no site's name");
            throw Refused(StatusCode.PermissionDenied, "does not let this node in: its connection proves no site's name");
        }
        var frames = Channel.CreateBounded<ServerFrame>(new BoundedChannelOptions(MostFrames) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        var gate = await OpenAsync(peer, frames.Writer, audit, context.CancellationToken);
        audit.Joined();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        var reading = ReadAsync(requestStream, gate, end.Token);
        var writing = WriteAsync(frames.Reader, responseStream, frame => audit.Said(frame, peer.Site), end.Token);
        var first = await Task.WhenAny(reading, writing);
        gate.Tell(PoisonPill.Instance);
        await end.CancelAsync();
        // A line may end in any way; a site that said what cannot be taken hears why.
        await Task.WhenAll(reading, writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (first.Exception is { InnerException: RpcException taken })
            audit.Refused($"said what cannot be taken: {taken.Status.Detail}");
        audit.Left();
        if (first.Exception is { InnerException: RpcException })
            await first;
    }

    private async Task<IActorRef> OpenAsync(LinkPeer peer, ChannelWriter<ServerFrame> frames, LineAudit audit, CancellationToken cancel)
    {
        if (door.Gates() is not { } gates)
            throw Refused(StatusCode.Unavailable, "is about to enter the federation's cluster");
        var asked = gates.Ask<object>(new Gates.Open(peer.Site, $"outbound via {door.Node}, from {peer.From}", frames, audit.Refused), OpenAtLast);
        try
        {
            object answer = await asked.WaitAsync(OpenWithin, door.Clock, cancel);
            if (answer is Gates.Refused { Passing: false } tooMany)
                audit.Refused(tooMany.Reason);
            return answer switch
            {
                Gates.Opened opened => opened.Gate,
                Gates.Refused refused => throw Refused(StatusCode.ResourceExhausted, refused.Reason),
                _ => throw Refused(StatusCode.Internal, "has a fault at its door"),
            };
        }
        catch (OperationCanceledException)
        {
            _ = EndAsync(asked);
            throw;
        }
        catch (TimeoutException)
        {
            _ = EndAsync(asked);
            throw Refused(StatusCode.Unavailable, "ends, or enters the federation's cluster again");
        }
    }

    // Nobody is at this line any more: a gate that is opened for it now would only take the place of another.
    private static async Task EndAsync(Task<object> asked)
    {
        try
        {
            if (await asked is Gates.Opened late)
                late.Gate.Tell(PoisonPill.Instance);
        }
        catch (AskTimeoutException)
        {
            // A gate that is opened later still ends by itself: it hears nothing.
        }
    }

    private async Task ReadAsync(IAsyncStreamReader<SiteFrame> frames, IActorRef gate, CancellationToken end)
    {
        var pace = new Pace(MostASecond, Second, door.Clock);
        await foreach (var frame in frames.ReadAllAsync(end))
        {
            await pace.NextAsync(end);
            gate.Tell(frame);
        }
    }

    private static async Task WriteAsync(ChannelReader<ServerFrame> frames, IServerStreamWriter<ServerFrame> line, Action<ServerFrame> said, CancellationToken end)
    {
        await foreach (var frame in frames.ReadAllAsync(end))
        {
            said(frame);
            await line.WriteAsync(frame, end);
        }
    }

    private static RpcException Refused(StatusCode code, string why) => new(new Grpc.Core.Status(code, why));
}
