using System.Buffers;
using System.Globalization;
using FedKim.Certificates;
using FedKim.Rounds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Net.Http.Headers;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace FedKim.Transfer;

/// <summary>
/// The weight plane over HTTP. <c>GET /weights/{digest}</c> gives a file or one byte range of it; <c>HEAD</c> says whether it is there and,
/// where it is not, in <c>Upload-Offset</c> how many of its bytes have arrived; <c>PUT</c> goes on from the byte that the request's own
/// <c>Upload-Offset</c> names (0 where absent: from the start) to the file's end. <c>/spool/{federation}/{round}/{digest}</c> takes updates
/// of open rounds in the same way, and gives none back. A <c>GET</c> with <c>Recheck-Digest</c>, from a receiver who got other bytes than the
/// digest's, is answered only after the file was compared with it on this side. Problems are answered in plain text. A certified hospital gets
/// the models of its own federations alone (<see cref="WeightStore.MayFetch"/>), brings no
/// model that was not asked for, and no update but its own to a round it is invited to; a server says in <c>Update-Of</c> whose the one is that it
/// brings.
/// </summary>
public static class WeightEndpoints
{
    /// <summary>The header that carries the number of bytes already there.</summary>
    internal const string UploadOffset = "Upload-Offset";

    // Models of a server are much of a size: the next one is hardly longer than so often the longest that is here.
    private const int CredibleTimes = 4;

    private const string Giving = "giving", Taking = "taking";

    /// <summary>The header of a receiver who got other bytes than the digest's.</summary>
    internal const string RecheckDigest = "Recheck-Digest";

    /// <summary>The header in which a server says whose update it brings.</summary>
    internal const string UpdateOf = "Update-Of";

    // A transfer lives while bytes move: one byte a second, after half a minute of grace, counts as moving.
    private static readonly MinDataRate SlowestRate = new(bytesPerSecond: 1, gracePeriod: TimeSpan.FromSeconds(30));

    // The rate above is one over the whole transfer: who sent a million bytes and vanished would keep his place for days.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Maps the endpoints; the group returned takes further conventions, such as authorization.</summary>
    /// <param name="store">What they give and take.</param>
    /// <param name="patience">How long no byte of an upload may arrive before its place is given to the next; null for half a minute.</param>
    public static RouteGroupBuilder MapWeights(this IEndpointRouteBuilder routes, WeightStore store, TimeSpan? patience = null)
    {
        var group = routes.MapHeldWeights(store);
        group.MapPut("/{digest}", (HttpContext context, string digest) => WithDigest(
            context, digest, d => Answered(context, store.Health, Taking, () => TakeModelAsync(context, store, d, patience ?? Patience)))).Is(Deed.BringModel);
        return group;
    }

    /// <summary>Maps the endpoints that give a store's weights, and take none.</summary>
    public static RouteGroupBuilder MapHeldWeights(this IEndpointRouteBuilder routes, WeightStore store)
    {
        var group = routes.MapGroup("/weights");
        group.MapMethods("/{digest}", ["GET", "HEAD"], (HttpContext context, string digest) => WithDigest(
            context, digest, d => Answered(context, store.Health, Giving, () => GiveAsync(context, store, d)))).Is(Deed.FetchModel);
        return group;
    }

    /// <summary>Maps the endpoints of open rounds' updates; as <see cref="MapWeights"/> does.</summary>
    public static RouteGroupBuilder MapSpool(this IEndpointRouteBuilder routes, Spool spool, TimeSpan? patience = null)
    {
        var group = routes.MapGroup("/spool/{federation}/{round:int}");
        group.MapMethods("/{digest}", ["HEAD"], (HttpContext context, string federation, int round, string digest) => WithDigest(
            context, digest, d => WithRound(
                context, spool, Giving, new RoundId(new FederationId(federation), round), s => TellAsync(context, s, d)))).Is(Deed.BringUpdate);
        group.MapPut("/{digest}", (HttpContext context, string federation, int round, string digest) =>
        {
            var id = new RoundId(new FederationId(federation), round);
            return WithDigest(context, digest, d => WithRound(context, spool, Taking, id, s => TakeUpdateAsync(context, s, id, d, patience ?? Patience)));
        }).Is(Deed.BringUpdate);
        return group;
    }

    private static Task WithRound(HttpContext context, Spool spool, string doing, RoundId round, Func<RoundSpool, Task> answer) => Answered(
        context, spool.Health, doing, () => spool.Find(round) is { } open ? answer(open) : NotOpen(context, round));

    // What is wrong with the server's own files is nothing the site can mend: it hears what it is, without a path, and asks again.
    private static async Task Answered(HttpContext context, FolderHealth health, string doing, Func<Task> answer)
    {
        try
        {
            await answer();
            if (context.Response.StatusCode is StatusCodes.Status200OK or StatusCodes.Status201Created or StatusCodes.Status206PartialContent)
                health.Well(doing);
        }
        catch (Exception e) when (e is not (OperationCanceledException or BadHttpRequestException or ConnectionResetException) && !context.Response.HasStarted)
        {
            if (health.Met(doing, e) is { } trouble)
            {
                await Problem(context, StatusCodes.Status507InsufficientStorage, $"The server is paused: {trouble}.");
                return;
            }

            health.Told("A request for weights met a fault", e);
            await Problem(context, StatusCodes.Status500InternalServerError, "The server met a fault of its own; its log says more.");
        }
    }

    // It may pass: right after a start the server has yet to read which round is open. A round that is over is announced to the sites.
    private static Task NotOpen(HttpContext context, RoundId round) =>
        Problem(context, StatusCodes.Status503ServiceUnavailable, $"Round {round} is not open here; its updates are not taken.");

    // Hospitals have models to give where a server has lost them, and make none.
    private static Task TakeModelAsync(HttpContext context, WeightStore store, Digest digest, TimeSpan patience) =>
        SiteOf(context) is { } site && !store.IsWanted(digest) && !store.Has(digest)
            ? Problem(context, StatusCodes.Status403Forbidden, $"Nobody has asked {site} for weights {digest.Short}; they are not taken.")
            : TakeAsync(context, store, digest, long.MaxValue, patience);

    private static async Task TakeUpdateAsync(HttpContext context, RoundSpool spool, RoundId round, Digest digest, TimeSpan patience)
    {
        if (spool.Receiving() is not { } store)
            await NotOpen(context, round);
        else if (SiteOf(context) is { } site)
            await TakeOwnAsync(context, spool, store, site, digest, patience);
        else
            await TakeAsync(context, store, digest, spool.Most, patience, () => spool.Owners.Note(digest, PeerConnections.Of(context) is null ? null : WhoseIs(context)));
    }

    private static async Task TakeOwnAsync(HttpContext context, RoundSpool spool, WeightStore store, ClientId site, Digest digest, TimeSpan patience)
    {
        if (spool.Owners.Refusal(site, digest) is { } refusal)
        {
            await Problem(context, refusal.Status, refusal.Words);
            return;
        }

        using var place = spool.Owners.Enter(site, digest, store.Delete);
        await (place is null
            ? Problem(context, StatusCodes.Status503ServiceUnavailable, $"Other updates of {site} arrive here now; {digest.Short} is taken after them.")
            : TakeAsync(context, store, digest, spool.Most, patience, () => spool.Owners.Note(digest, site)));
    }

    // Null for whoever is no hospital, and where there are no certificates.
    private static ClientId? SiteOf(HttpContext context) => PeerConnections.Of(context) is { Role: PeerRole.Hospital } peer ? new ClientId(peer.Site) : null;

    private static ClientId? WhoseIs(HttpContext context) =>
        context.Request.Headers[UpdateOf] is [{ } name] && PeerId.IsSite(name) ? new ClientId(name) : null;

    private static Task TellAsync(HttpContext context, RoundSpool spool, Digest digest)
    {
        // What a site may not bring is not here for it; an answer to HEAD has no words, and that to PUT says why.
        bool refused = SiteOf(context) is { } site && spool.Owners.Refusal(site, digest) is not null;
        if ((refused ? 0 : spool.Arrived(digest)) is not { } arrived)
            return Task.CompletedTask;
        context.Response.Headers[UploadOffset] = arrived.ToString(CultureInfo.InvariantCulture);
        return Problem(context, StatusCodes.Status404NotFound, $"Update {digest.Short} is not here.");
    }

    private static Task WithDigest(HttpContext context, string text, Func<Digest, Task> answer) => Digest.TryParse(text, out var digest)
        ? answer(digest)
        : Problem(context, StatusCodes.Status400BadRequest, $"'{text}' is not a SHA-256 digest: expected 64 lower-case hexadecimal digits.");

    private static async Task GiveAsync(HttpContext context, WeightStore store, Digest digest)
    {
        var response = context.Response;
        FileStream? file = null;
        bool recheck = context.Request.Headers.ContainsKey(RecheckDigest);
        try
        {
            if (!recheck || await store.RecheckAsync(digest))
                file = new FileStream(store.PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Falls through: they are not here.
        }

        if (file is null)
        {
            response.Headers[UploadOffset] = (store.Arrived(digest) ?? 0).ToString(CultureInfo.InvariantCulture);
            await Problem(context, StatusCodes.Status404NotFound, recheck
                ? $"Weights {digest.Short} were damaged here, on the disk, and are not here any more."
                : $"Weights {digest.Short} are not here.");
            return;
        }

        await using (file)
        {
            var may = store.MayFetch;
            if (HttpMethods.IsGet(context.Request.Method) && SiteOf(context) is { } site && may?.Invoke(site, digest) is not true)
            {
                await (may is null
                    ? Problem(context, StatusCodes.Status503ServiceUnavailable, $"This server has yet to read whose weights {digest.Short} are.")
                    : Problem(context, StatusCodes.Status403Forbidden, $"Weights {digest.Short} are of no federation in which {site} takes part."));
                return;
            }

            if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
                rate.MinDataRate = SlowestRate;
            var (from, to) = (0L, file.Length - 1);
            response.Headers.AcceptRanges = "bytes";
            response.ContentType = "application/octet-stream";
            // More than one range, or none that makes sense, is answered with the whole file, as RFC 9110 §14.2 allows.
            if (context.Request.GetTypedHeaders().Range is { Ranges.Count: 1 } header && header.Unit == "bytes")
            {
                var range = header.Ranges.Single();
                from = range.From ?? Math.Max(0, file.Length - range.To!.Value);
                to = range is { From: not null, To: { } last } ? Math.Min(last, to) : to;
                if (from > to)
                {
                    response.GetTypedHeaders().ContentRange = new ContentRangeHeaderValue(file.Length);
                    await Problem(context, StatusCodes.Status416RangeNotSatisfiable, $"Weights {digest.Short} have {file.Length} bytes.");
                    return;
                }

                response.StatusCode = StatusCodes.Status206PartialContent;
                response.GetTypedHeaders().ContentRange = new ContentRangeHeaderValue(from, to, file.Length);
            }

            response.ContentLength = to - from + 1;
            if (!HttpMethods.IsHead(context.Request.Method))
                await CopyAsync(file, from, to + 1, response.Body, context.RequestAborted);
        }
    }

    private static async Task CopyAsync(FileStream file, long from, long end, Stream body, CancellationToken cancel)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(IncomingFile.ChunkBytes);
        try
        {
            while (from < end)
            {
                int read = RandomAccess.Read(file.SafeFileHandle, buffer.AsSpan(0, (int)Math.Min(IncomingFile.ChunkBytes, end - from)), from);
                if (read == 0)
                    throw new IOException($"{file.Name} was cut while it was sent.");
                await body.WriteAsync(buffer.AsMemory(0, read), cancel);
                from += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task TakeAsync(HttpContext context, WeightStore store, Digest digest, long most, TimeSpan patience, Action? whole = null)
    {
        long offset = 0;
        if (context.Request.Headers[UploadOffset].ToString() is { Length: > 0 } text
            && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out offset))
        {
            await Problem(context, StatusCodes.Status400BadRequest, $"{UploadOffset} is '{text}', expected a number of bytes from 0.");
            return;
        }

        // Said before a byte of it is taken in: a claim costs nothing, and a full disk costs everybody. Where no model says how much may come,
        // the disk's size does. That there is too little room for what may well come is the server's own trouble; that there is too little for
        // what anybody makes up is not.
        var room = store.Room();
        long credible = most;
        if (most == long.MaxValue)
            (most, credible) = (room.TotalSize, CredibleTimes * store.List().Select(store.LengthOf).DefaultIfEmpty().Max());
        if (context.Request.ContentLength > most - offset)
        {
            await Problem(context, StatusCodes.Status413PayloadTooLarge, $"{offset + context.Request.ContentLength} bytes are too many for {digest.Short}: here are taken {most} at most.");
            return;
        }

        if (context.Request.ContentLength > room.AvailableFreeSpace)
        {
            var full = new IOException($"No space left for {digest.Short}: {room.AvailableFreeSpace} bytes are free, and {context.Request.ContentLength} are to come.");
            if (offset + context.Request.ContentLength <= credible)
                throw full;
            store.Health.Told("A claim for more than the disk has free is refused", full);
            await Problem(context, StatusCodes.Status507InsufficientStorage, $"The server has no room for {context.Request.ContentLength} bytes.");
            return;
        }

        using var incoming = await store.ReceiveAsync(digest, context.RequestAborted, whole);
        if (incoming is null)
        {
            context.Response.StatusCode = StatusCodes.Status200OK;
            return;
        }

        if (offset == 0)
            incoming.Restart();
        if (offset != incoming.Length)
        {
            context.Response.Headers[UploadOffset] = incoming.Length.ToString(CultureInfo.InvariantCulture);
            await Problem(context, StatusCodes.Status409Conflict, $"{incoming.Length} bytes of weights {digest.Short} are here; go on from there, not from {offset}.");
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = Math.Max(0, most - offset);
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = SlowestRate;
        try
        {
            var body = context.Request.Body;
            using var patient = new ProgressLimit(patience, TimeProvider.System, context.RequestAborted);
            await incoming.AppendAsync(buffer => patient.Bound(token => body.ReadAsync(buffer, token)));
            if (await incoming.CompleteAsync())
                context.Response.StatusCode = StatusCodes.Status201Created;
            else
                await Problem(context, StatusCodes.Status422UnprocessableEntity, $"The bytes sent are not weights {digest.Short}: their SHA-256 differs. They were discarded; send them anew.");
        }
        catch (TimeoutException)
        {
            // Nobody listens there any more.
            context.Abort();
        }
    }

    private static Task Problem(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(text, context.RequestAborted);
    }
}
