using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace FedKim.Transfer;

/// <summary>
/// Lets HTTP/2 in beside HTTP/1.1 on one port where no TLS tells them apart: a connection that begins as HTTP/2 does is handed on to an
/// endpoint within the process that speaks only that. Kestrel alone would take every connection without TLS for HTTP/1.1.
/// </summary>
internal sealed class PriorKnowledge : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    // A connection that says nothing for so long is of no use to anybody; Kestrel's own limit begins only after it.
    private static readonly TimeSpan FirstBytesWithin = TimeSpan.FromMinutes(1);

    private readonly Channel<ConnectionContext> _handed = Channel.CreateUnbounded<ConnectionContext>();

    /// <summary>The endpoint to which connections are handed on.</summary>
    public EndPoint Inner { get; } = new Within();

    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) => endpoint == Inner;

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new Listener(endpoint, _handed));

    /// <summary>Stands before HTTP/1.1.</summary>
    public async Task TakeAsync(ConnectionContext connection, ConnectionDelegate http1)
    {
        if (!await BeginsAsHttp2Async(connection))
        {
            await http1(connection);
            return;
        }
        var handed = new Handed(connection);
        if (_handed.Writer.TryWrite(handed))
            await handed.Ended;
    }

    // No method of HTTP/1.1 begins like HTTP/2's preface.
    private static async Task<bool> BeginsAsHttp2Async(ConnectionContext connection)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        limit.CancelAfter(FirstBytesWithin);
        try
        {
            while (true)
            {
                var read = await connection.Transport.Input.ReadAsync(limit.Token);
                bool? http2 = Judge(read.Buffer, read.IsCompleted);
                connection.Transport.Input.AdvanceTo(read.Buffer.Start, http2 is null ? read.Buffer.End : read.Buffer.Start);
                if (http2 is { } known)
                    return known;
            }
        }
        catch (OperationCanceledException)
        {
            connection.Abort(new ConnectionAbortedException("The connection said nothing."));
            return false;
        }
    }

    private static bool? Judge(ReadOnlySequence<byte> bytes, bool all)
    {
        var preface = "PRI * HTTP/2.0"u8;
        int length = (int)Math.Min(bytes.Length, preface.Length);
        Span<byte> first = stackalloc byte[length];
        bytes.Slice(0, length).CopyTo(first);
        if (!preface.StartsWith(first))
            return false;
        return length == preface.Length ? true : all ? false : null;
    }

    private sealed class Within : EndPoint
    {
        public override string ToString() => "http2";
    }

    private sealed class Listener(EndPoint endpoint, Channel<ConnectionContext> handed) : IConnectionListener
    {
        public EndPoint EndPoint => endpoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await handed.Reader.WaitToReadAsync(cancellationToken) && handed.Reader.TryRead(out var connection) ? connection : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            handed.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }

    // The same connection; the one who handed it on hears when it has ended.
    private sealed class Handed(ConnectionContext own) : ConnectionContext
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended => _ended.Task;

        public override string ConnectionId { get => own.ConnectionId; set => own.ConnectionId = value; }

        public override IFeatureCollection Features => own.Features;

        public override IDictionary<object, object?> Items { get => own.Items; set => own.Items = value; }

        public override IDuplexPipe Transport { get => own.Transport; set => own.Transport = value; }

        public override CancellationToken ConnectionClosed { get => own.ConnectionClosed; set => own.ConnectionClosed = value; }

        public override EndPoint? LocalEndPoint { get => own.LocalEndPoint; set => own.LocalEndPoint = value; }

        public override EndPoint? RemoteEndPoint { get => own.RemoteEndPoint; set => own.RemoteEndPoint = value; }

        public override void Abort(ConnectionAbortedException abortReason) => own.Abort(abortReason);

        public override ValueTask DisposeAsync()
        {
            _ended.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
