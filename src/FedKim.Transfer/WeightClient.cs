using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using FedKim.Audit;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Transfer;

/// <summary>Moves weights between a local store and a server. A transfer that is cut goes on at the byte, and lives as long as bytes move.</summary>
/// <remarks>Safe for concurrent use. Ending a transfer by its token keeps what has arrived.</remarks>
public sealed class WeightClient : IDisposable
{
    private const int MostWait = 5_000;

    // Bytes of a refusal that are read.
    private const int MostWords = 4096;

    // Who lets nobody in says nothing, either: what is not connected by then stands behind a firewall, or is not there.
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http;
    private readonly FarEnd _far;
    private readonly WeightStore _store;
    private readonly TimeProvider _clock;

    /// <param name="server">Address of the server, e.g. <c>http://10.0.0.5:9200</c>.</param>
    /// <param name="store">Where fetched weights end and sent ones come from.</param>
    /// <param name="handler">How connections are made, for certificates; disposed with the client. Null for plain HTTP.</param>
    /// <param name="clock">For back-off and patience; null for the system's.</param>
    public WeightClient(Uri server, WeightStore store, HttpMessageHandler? handler = null, TimeProvider? clock = null)
    {
        // HTTP/1.1: its bodies go from socket to buffer without frames or flow control windows in between.
        handler ??= new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = ConnectWithin };
        _far = FarEnd.Of(handler);
        _http = new HttpClient(handler) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        _store = store;
        _clock = clock ?? TimeProvider.System;
    }

    /// <summary>How long no byte may move before a connection is given up and made anew.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The connections it shares, by turns; null for those of its own.</summary>
    public SharedConnections? Shared { get; init; }

    /// <summary>Attempts in a row, without one byte of progress, after which the server counts as gone; at least 1.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>Told at once what hinders a transfer that is tried again, in full and as others may know it.</summary>
    public Action<string, SiteReason> Hindered { get; init; } = (_, _) => { };

    /// <summary>Told of each transfer, or piece of one, when it ends, for the audit log: the bytes of its body, and who was at the other end.</summary>
    public Action<AuditEntry> Noted { get; init; } = _ => { };

    /// <summary>Fetches weights into the local store, or finds them there.</summary>
    /// <param name="progress">Told the bytes that have arrived so far.</param>
    /// <returns>The whole file, for readers who compare it with its digest.</returns>
    /// <exception cref="TransferException">The server is gone, does not hold them, or sends other bytes.</exception>
    public async Task<WeightFile> FetchAsync(Digest digest, IProgress<long>? progress = null, CancellationToken cancel = default)
    {
        using var incoming = await _store.ReceiveAsync(digest, cancel);
        if (incoming is not null)
        {
            await RetryAsync($"fetch of {digest.Short}", wrong =>
            {
                var moved = new Moved(AuditKind.Received, digest, null);
                return NotedAsync(moved, () => TryFetchAsync(incoming, digest, wrong, moved, progress, cancel));
            }, () => incoming.Length, cancel);
        }

        return _store.Get(digest);
    }

    /// <summary>Sends weights from the local store to the server; what it already has is not sent again.</summary>
    /// <param name="progress">Told the bytes that the server has been sent so far.</param>
    /// <returns>Bytes sent, those that had to be sent twice included; 0 when the server had them all.</returns>
    /// <exception cref="TransferException">The server is gone or refuses them.</exception>
    /// <exception cref="DamagedException">The local store does not hold them whole; it has taken away what it held.</exception>
    public Task<long> SendAsync(Digest digest, IProgress<long>? progress = null, CancellationToken cancel = default) =>
        SendAsync(digest, null, _store, progress, cancel);

    /// <summary>Sends an update from the local store to the spool of an open round, as <see cref="SendAsync(Digest, IProgress{long}?, CancellationToken)"/> does.</summary>
    public Task<long> SendAsync(RoundId round, Digest digest, IProgress<long>? progress = null, CancellationToken cancel = default) =>
        SendAsync(digest, round, _store, progress, cancel);

    /// <summary>Sends an update from a server's own spool to the spool of the server that leads now; it is deciphered on the way.</summary>
    /// <returns>Bytes sent; 0 when that server had it.</returns>
    /// <exception cref="TransferException">That server is gone or refuses it.</exception>
    /// <exception cref="IOException">The round is over.</exception>
    /// <exception cref="DamagedException">The spool does not hold it whole; it has taken away what it held.</exception>
    public Task<long> SendAsync(RoundId round, Digest digest, RoundSpool spool, CancellationToken cancel = default) =>
        SendAsync(digest, round, () => spool.Bytes(digest), () => spool.Verify(digest), null, cancel, () => spool.WhoseIs(digest));

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private Task<long> SendAsync(Digest digest, RoundId? round, WeightStore store, IProgress<long>? progress, CancellationToken cancel) =>
        SendAsync(digest, round, () => store.Bytes(digest), () => store.Verify(digest), progress, cancel);

    private async Task<long> SendAsync(
        Digest digest, RoundId? round, Func<IByteSource> open, Func<bool> verify, IProgress<long>? progress, CancellationToken cancel, Func<ClientId?>? whose = null)
    {
        string place = round is null ? $"weights/{digest}" : $"spool/{round}/{digest}";
        long there = 0, sent = 0;
        await RetryAsync($"upload of {digest.Short}", async wrong =>
        {
            if (wrong && !verify())
                throw new DamagedException(digest, place, "its SHA-256 differs");
            long? arrived = await AskAsync(place, cancel);
            if (arrived is null)
                return Outcome.Done;
            there = arrived.Value;
            var moved = new Moved(AuditKind.Sent, digest, round);
            return await NotedAsync(
                moved, () => TrySendAsync(open, place, there, whose?.Invoke(), progress, bytes => (sent, moved.Bytes) = (sent + bytes, moved.Bytes + bytes), cancel));
        }, () => there, cancel);
        return sent;
    }

    private async Task<Outcome> NotedAsync(Moved moved, Func<Task<Outcome>> attempt)
    {
        var outcome = AuditOutcome.Cut;
        try
        {
            var came = await attempt();
            outcome = came switch { Outcome.Done => AuditOutcome.Done, Outcome.WrongBytes => AuditOutcome.Refused, _ => AuditOutcome.Cut };
            return came;
        }
        catch (TransferException)
        {
            outcome = AuditOutcome.Refused;
            throw;
        }
        finally
        {
            if (moved.Bytes > 0 || outcome == AuditOutcome.Refused)
                Noted(_far.Passed(moved, outcome));
        }
    }

    private async Task<Outcome> TryFetchAsync(
        IncomingFile incoming, Digest digest, bool wrong, Moved moved, IProgress<long>? progress, CancellationToken cancel)
    {
        using var turn = await TurnAsync(cancel);
        using var patience = new ProgressLimit(Patience, _clock, cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"weights/{digest}");
        if (wrong)
            request.Headers.Add(WeightEndpoints.RecheckDigest, "1");
        if (incoming.Length > 0)
            request.Headers.Range = new RangeHeaderValue(incoming.Length, null);
        using var response = await patience.Bound(token => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token));
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                incoming.Restart();
                break;
            case HttpStatusCode.PartialContent when response.Content.Headers.ContentRange?.From == incoming.Length:
                break;
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                incoming.Restart();
                return Outcome.WrongBytes;
            default:
                await RefuseAsync(response, cancel);
                break;
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        await incoming.AppendAsync(async buffer =>
        {
            int read = await patience.Bound(token => body.ReadAsync(buffer, token));
            moved.Bytes += read;
            return read;
        }, progress is null ? null : progress.Report);
        return await incoming.CompleteAsync() ? Outcome.Done : Outcome.WrongBytes;
    }

    private async Task<long?> AskAsync(string place, CancellationToken cancel)
    {
        using var turn = await TurnAsync(cancel);
        using var patience = new ProgressLimit(Patience, _clock, cancel);
        using var request = new HttpRequestMessage(HttpMethod.Head, place);
        using var response = await patience.Bound(token => _http.SendAsync(request, token));
        if (response.IsSuccessStatusCode)
            return null;
        if (response.StatusCode != HttpStatusCode.NotFound)
            await RefuseAsync(response, cancel);
        return response.Headers.TryGetValues(WeightEndpoints.UploadOffset, out var values)
            && long.TryParse(values.Single(), NumberStyles.None, CultureInfo.InvariantCulture, out long offset) ? offset : 0;
    }

    private async Task<Outcome> TrySendAsync(
        Func<IByteSource> open, string place, long offset, ClientId? whose, IProgress<long>? progress, Action<long> sent, CancellationToken cancel)
    {
        using var turn = await TurnAsync(cancel);
        using var patience = new ProgressLimit(Patience, _clock, cancel);
        using var content = new FileTail(open(), offset, patience, progress, sent);
        using var request = new HttpRequestMessage(HttpMethod.Put, place) { Content = content };
        request.Headers.Add(WeightEndpoints.UploadOffset, content.Offset.ToString(CultureInfo.InvariantCulture));
        if (whose is { } site)
            request.Headers.Add(WeightEndpoints.UpdateOf, site.Value);
        request.Headers.ExpectContinue = true;
        using var response = await patience.Bound(token => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token));
        if (response.IsSuccessStatusCode)
            return Outcome.Done;
        if (response.StatusCode == HttpStatusCode.UnprocessableEntity)
            return Outcome.WrongBytes;
        if (response.StatusCode != HttpStatusCode.Conflict)
            await RefuseAsync(response, cancel);
        return Outcome.Moved;
    }

    private async Task<IDisposable?> TurnAsync(CancellationToken cancel) => Shared is null ? null : await Shared.TurnAsync(_http.BaseAddress!, cancel);

    // An answer of 500 or above may pass; any other is the server's last word.
    private async Task RefuseAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        // Whoever answers may say very much, or nothing more.
        using var patience = new ProgressLimit(Patience, _clock, cancel);
        await using var body = await patience.Bound(token => response.Content.ReadAsStreamAsync(token));
        byte[] said = new byte[MostWords];
        int length = 0, more;
        while (length < said.Length && (more = await patience.Bound(token => body.ReadAsync(said.AsMemory(length), token).AsTask())) > 0)
            length += more;
        string text = Encoding.UTF8.GetString(said, 0, length);
        string message = $"{_http.BaseAddress} answered {(int)response.StatusCode}: {(text.Length > 0 ? text : response.ReasonPhrase)}";
        throw (int)response.StatusCode >= 500
            ? new HttpRequestException(message, null, response.StatusCode)
            : new TransferException(message, SiteSentences.Answered.Say(_http.BaseAddress!, (int)response.StatusCode));
    }

    private async Task RetryAsync(string what, Func<bool, Task<Outcome>> attempt, Func<long> position, CancellationToken cancel)
    {
        bool wrongBefore = false;
        long furthest = position();
        for (int fruitless = 1; ; fruitless++)
        {
            Exception? cause = null;
            try
            {
                switch (await attempt(wrongBefore))
                {
                    case Outcome.Done:
                        return;
                    case Outcome.WrongBytes when wrongBefore:
                        throw new TransferException($"The {what} at {_http.BaseAddress} failed: the bytes do not have this SHA-256, even sent from the start and compared on the sending side before. They change on the way.", SiteSentences.Changed.Say(_http.BaseAddress!));
                    case Outcome.WrongBytes:
                        // What was left over from before may be damaged, or the other side's file: once more, from the start, and compared there first.
                        wrongBefore = true;
                        furthest = 0;
                        continue;
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException && !FileTrouble.IsOfDisk(e))
            {
                cause = e;
            }

            if (position() > furthest)
                (furthest, fruitless) = (position(), 0);
            if (fruitless >= Attempts)
                throw new TransferException($"The {what} gave up after {Attempts} attempts without progress: {Words(cause)}.", Told(cause), cause);
            if (cause is not null && fruitless > 0)
                Hindered($"{Words(cause)}; the {what} is tried again", Told(cause));
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(MostWait, 100 << Math.Min(fruitless, 6))), _clock, cancel);
        }
    }

    // An answer says by itself what is wrong; no answer needs the address, which may be wrong or closed by a firewall.
    private string Words(Exception? cause) => cause switch
    {
        null => $"others keep sending it to {_http.BaseAddress}",
        HttpRequestException { StatusCode: not null } => cause.Message,
        _ => $"{_http.BaseAddress} cannot be reached ({cause.Message})",
    };

    private SiteReason Told(Exception? cause) => cause switch
    {
        null => SiteSentences.Crowded.Say(_http.BaseAddress!),
        HttpRequestException { StatusCode: { } status } => SiteSentences.Answered.Say(_http.BaseAddress!, (int)status),
        _ => SiteSentences.Unreachable.Say(_http.BaseAddress!, Silence.Of(cause)),
    };

    private enum Outcome
    {
        Done,
        Moved,
        WrongBytes,
    }

    /// <summary>The file from a byte on, as a request body; each chunk's write shows that bytes move.</summary>
    private sealed class FileTail : HttpContent
    {
        private readonly IByteSource _file;
        private readonly ProgressLimit _patience;
        private readonly IProgress<long>? _progress;
        private readonly Action<long> _sent;

        internal FileTail(IByteSource file, long arrived, ProgressLimit patience, IProgress<long>? progress, Action<long> sent)
        {
            (_file, _patience, _progress, _sent) = (file, patience, progress, sent);
            // More at the server than the file has cannot be of this file: from the start.
            Offset = arrived <= _file.Length ? arrived : 0;
        }

        internal long Offset { get; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancel)
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(IncomingFile.ChunkBytes);
            try
            {
                long at = Offset;
                while (_file.Read(buffer.AsSpan(0, IncomingFile.ChunkBytes), at) is var read and > 0)
                {
                    await stream.WriteAsync(buffer.AsMemory(0, read), cancel);
                    _patience.Renew();
                    at += read;
                    _sent(read);
                    _progress?.Report(at);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override bool TryComputeLength(out long length)
        {
            length = _file.Length - Offset;
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _file.Dispose();
            base.Dispose(disposing);
        }
    }
}
