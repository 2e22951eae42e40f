using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace FedKim.Commands;

/// <summary>A line that is not of the protocol. The connection cannot go on after it.</summary>
internal sealed class WireException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Messages as lines of JSON in UTF-8 over a stream. One reader; any number of senders.</summary>
internal sealed class WireChannel(Stream stream, int longestRead, int longestSent) : IAsyncDisposable
{
    private readonly PipeReader _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
    private readonly SemaphoreSlim _sending = new(1);

    /// <returns>The next message; null when the peer sends no more. A line cut off by the end is no message.</returns>
    /// <exception cref="WireException">The line is longer than the limit or not a message.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<WireMessage?> ReadAsync(CancellationToken cancel)
    {
        while (true)
        {
            var read = await _reader.ReadAsync(cancel);
            var end = read.Buffer.PositionOf((byte)'\n');
            var line = end is { } newline ? read.Buffer.Slice(0, newline) : read.Buffer;
            if (line.Length > longestRead) throw new WireException($"A line is longer than {longestRead} bytes.");
            if (end is not null)
            {
                var bytes = line.ToArray();
                _reader.AdvanceTo(read.Buffer.GetPosition(1, end.Value));
                return Parse(bytes);
            }

            if (read.IsCompleted) return null;
            _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <exception cref="WireException">The message is longer than a line may be; nothing was sent.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task SendAsync(WireMessage message, CancellationToken cancel)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer)) JsonSerializer.Serialize(writer, message, WireJson.Default.WireMessage);
        if (buffer.WrittenCount > longestSent) throw new WireException($"A line of {buffer.WrittenCount} bytes is longer than {longestSent}.");
        buffer.Write("\n"u8);
        await _sending.WaitAsync(cancel);
        try
        {
            await stream.WriteAsync(buffer.WrittenMemory, cancel);
        }
        finally
        {
            _sending.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        _sending.Dispose();
    }

    private static WireMessage Parse(byte[] line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, WireJson.Default.WireMessage) ?? throw new WireException("A line is null.");
        }
        // A message without a type is reported as not supported, a text that is no Unicode as an invalid operation.
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new WireException($"A line is no message: {e.Message}", e);
        }
    }
}
