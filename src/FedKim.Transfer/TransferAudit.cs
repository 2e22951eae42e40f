using System.Globalization;
using FedKim.Audit;
using FedKim.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace FedKim.Transfer;

/// <summary>
/// Notes what moves through a server's door, a line a request, and what is refused there. The bytes are those of the request's or the answer's body:
/// what the server has read, or has handed to the connection.
/// </summary>
internal static class TransferAudit
{
    /// <summary>Notes it; it must stand before whatever refuses.</summary>
    internal static void UseAudit(this WebApplication application, Action<AuditEntry> noted) => application.Use(async (context, next) =>
    {
        if (RightsCheck.DeedOf(context) is not { } deed)
        {
            await next(context);
            if (PeerConnections.Of(context) is { } peer && context.Response.StatusCode >= StatusCodes.Status400BadRequest)
                noted(Refused(AuditMatter.Command, peer, context) with { Detail = "asked for what is not offered here" });
            return;
        }
        bool takes = HttpMethods.IsPut(context.Request.Method), gives = HttpMethods.IsGet(context.Request.Method);
        var counted = takes ? new CountedBody(context.Request.Body) : gives && deed == Deed.FetchModel ? new CountedBody(context.Response.Body) : null;
        if (counted is not null && takes)
            context.Request.Body = counted;
        else if (counted is not null)
            context.Response.Body = counted;
        try
        {
            await next(context);
        }
        finally
        {
            if (Entry(context, deed, takes ? AuditKind.Received : AuditKind.Sent, counted?.Bytes ?? 0) is { } entry)
                noted(entry);
        }
    });

    private static AuditEntry? Entry(HttpContext context, Deed deed, AuditKind way, long bytes)
    {
        int status = context.Response.StatusCode;
        var outcome = status switch
        {
            StatusCodes.Status400BadRequest or StatusCodes.Status403Forbidden or StatusCodes.Status413PayloadTooLarge
                or StatusCodes.Status422UnprocessableEntity => AuditOutcome.Refused,
            StatusCodes.Status201Created => AuditOutcome.Done,
            StatusCodes.Status200OK or StatusCodes.Status206PartialContent when bytes == context.Response.ContentLength => AuditOutcome.Done,
            _ => AuditOutcome.Cut,
        };
        var entry = new AuditEntry(way, Matter(deed))
        {
            Peer = PeerConnections.Of(context)?.ToString(),
            Federation = Route("federation"),
            Round = int.TryParse(Route("round"), NumberStyles.None, CultureInfo.InvariantCulture, out int round) ? round : null,
            Digest = Route("digest"),
            Protection = PeerConnections.ProtectionOf(context),
            Outcome = outcome,
        };
        // What an answer of problems says is no file.
        if (way == AuditKind.Sent && status is not (StatusCodes.Status200OK or StatusCodes.Status206PartialContent))
            bytes = 0;
        if (bytes > 0)
            return entry with { Bytes = bytes };
        // What is asked for is the asker's text, and where it is asked is ours.
        return outcome == AuditOutcome.Refused
            ? entry with { Kind = AuditKind.Refused, Digest = null, Detail = Why(status, deed) }
            : null;

        string? Route(string name) => context.Request.RouteValues[name]?.ToString();
    }

    private static AuditEntry Refused(AuditMatter matter, PeerId peer, HttpContext context) => new(AuditKind.Refused, matter)
    {
        Peer = peer.ToString(),
        Protection = PeerConnections.ProtectionOf(context),
        Outcome = AuditOutcome.Refused,
    };

    private static string Why(int status, Deed deed) => status switch
    {
        StatusCodes.Status403Forbidden => $"may not {Words(deed)}",
        StatusCodes.Status400BadRequest => deed == Deed.Ask ? "sent what is no command" : "named what is no digest",
        StatusCodes.Status422UnprocessableEntity => "sent other bytes than it named",
        _ => "more bytes than may come",
    };

    private static AuditMatter Matter(Deed deed) => deed switch
    {
        Deed.FetchModel or Deed.BringModel => AuditMatter.Model,
        Deed.BringUpdate => AuditMatter.Update,
        Deed.Contribute => AuditMatter.Line,
        _ => AuditMatter.Command,
    };

    private static string Words(Deed deed) => deed switch
    {
        Deed.FetchModel => "fetch a model",
        Deed.BringModel => "bring a model",
        Deed.BringUpdate => "bring an update",
        Deed.Contribute => "speak for a hospital",
        Deed.Change => "change what is",
        _ => "ask what is",
    };

    /// <summary>A body that counts what passes.</summary>
    private sealed class CountedBody(Stream body) : Stream
    {
        internal long Bytes { get; private set; }

        public override bool CanRead => body.CanRead;

        public override bool CanSeek => false;

        public override bool CanWrite => body.CanWrite;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await body.ReadAsync(buffer, cancellationToken);
            Bytes += read;
            return read;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await body.WriteAsync(buffer, cancellationToken);
            Bytes += buffer.Length;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => body.FlushAsync(cancellationToken);

        public override void Flush() => body.Flush();

        // Bodies are read and written without a thread that waits.
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
