using System.Buffers;
using System.IO.Pipelines;

namespace FedKim.Commands.Client;

/// <summary>The lines of a stream, each at most so many bytes long.</summary>
internal sealed class LineReader(Stream stream, int longest)
{
    private readonly PipeReader _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024));

    /// <returns>The next line, without its end; null when no more comes.</returns>
    /// <exception cref="InvalidDataException">The line is too long, or was cut off.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<byte[]?> ReadAsync(CancellationToken cancel)
    {
        long searched = 0;
        while (true)
        {
            var read = await _reader.ReadAsync(cancel);
            if (read.Buffer.Slice(searched).PositionOf((byte)'\n') is { } end)
            {
                byte[] line = read.Buffer.Slice(0, end).ToArray();
                _reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                return line;
            }

            searched = read.Buffer.Length;
            if (searched > longest)
                throw new InvalidDataException($"A line is longer than {longest} bytes.");
            if (read.IsCompleted)
                return searched == 0 ? null : throw new InvalidDataException("The last line has no end.");
            _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
