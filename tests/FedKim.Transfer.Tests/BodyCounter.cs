using System.Globalization;

namespace FedKim.Transfer.Tests;

/// <summary>
/// Sits between HTTP/1.1 and the connection, TLS or not, reads what passes as the other end does, and counts the bytes of bodies: those of requests,
/// and those of answers that give a file.
/// </summary>
internal sealed class BodyCounter
{
    private long _sent, _received;

    internal int Sent => (int)Interlocked.Read(ref _sent);

    internal int Received => (int)Interlocked.Read(ref _received);

    internal ValueTask<Stream> Count(SocketsHttpPlaintextStreamFilterContext context, CancellationToken cancel) => ValueTask.FromResult<Stream>(new Tapped(
        context.PlaintextStream, new Messages(_ => true, bytes => Interlocked.Add(ref _sent, bytes)),
        new Messages(head => head.Contains("application/octet-stream", StringComparison.Ordinal), bytes => Interlocked.Add(ref _received, bytes))));

    // One direction of a connection: a head up to a blank line, then as many bytes as it says.
    private sealed class Messages(Predicate<string> counts, Action<long> body)
    {
        private readonly List<byte> _head = [];
        private long _left;
        private bool _counts;

        internal void Pass(ReadOnlySpan<byte> bytes)
        {
            while (bytes.Length > 0)
            {
                if (_left > 0)
                {
                    int part = (int)Math.Min(_left, bytes.Length);
                    if (_counts)
                        body(part);
                    _left -= part;
                    bytes = bytes[part..];
                    continue;
                }
                _head.Add(bytes[0]);
                bytes = bytes[1..];
                string head = System.Text.Encoding.ASCII.GetString([.. _head]);
                if (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
                    continue;
                const string Length = "Content-Length: ";
                int at = head.IndexOf(Length, StringComparison.Ordinal);
                _left = at < 0 ? 0 : long.Parse(head[(at + Length.Length)..].Split('\r')[0], CultureInfo.InvariantCulture);
                // An answer to HEAD says how long a body would be that does not come.
                if (head.StartsWith("HTTP/1.1", StringComparison.Ordinal) && !counts(head))
                    _left = 0;
                _counts = counts(head);
                _head.Clear();
            }
        }
    }

    private sealed class Tapped(Stream inner, Messages up, Messages down) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await inner.ReadAsync(buffer, cancellationToken);
            down.Pass(buffer.Span[..read]);
            return read;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await inner.WriteAsync(buffer, cancellationToken);
            up.Pass(buffer.Span);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
