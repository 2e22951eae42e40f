using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Channels;

namespace FedKim.Commands;

/// <summary>One client of a host: greets it, runs its commands one at a time, sends it away with a reason when it breaks the protocol.</summary>
internal sealed class CommandConnection(CommandHostOptions options, CommandTable table, TcpClient client)
{
    /// <summary>What is read and thrown away after a last line, so that closing does not destroy that line on its way.</summary>
    private const int MostDrained = 4 * 1024 * 1024;

    private static readonly TimeSpan DrainFor = TimeSpan.FromSeconds(2);

    /// <summary>Requests that a client may send ahead of their answers.</summary>
    private const int MostWaiting = 8;

    private readonly Channel<WireMessage.Request> _requests = Channel.CreateUnbounded<WireMessage.Request>();
    private readonly ConcurrentDictionary<long, Waiting> _waiting = new();
    private readonly WireChannel _channel = new(client.GetStream(), WireMessage.LongestClientLine, WireMessage.LongestHostLine);

    /// <summary>Serves the client until it leaves, misbehaves or the host stops. Never throws.</summary>
    /// <param name="full">Whether the host has no place for it.</param>
    public async Task ServeAsync(bool full, CancellationToken stopping)
    {
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        try
        {
            client.NoDelay = true;
            if (full) await Refuse(CommandFault.Failed, $"The node serves {options.MostConnections} command clients already. End one, or try later.", closing.Token);
            else if (await Greet(closing.Token)) await Commands(closing.Token);
        }
        catch (WireException e)
        {
            await Refuse(CommandFault.Protocol, $"{e.Message} This port speaks the pbm protocol, version {WireMessage.ProtocolVersion}.", closing.Token);
        }
        catch (Exception e) when (e is ClientGoneException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The client is gone or the host stops: there is nobody to tell.
        }
        catch (Exception e)
        {
            options.OnFault?.Invoke("A command connection failed.", e);
        }
        finally
        {
            await closing.CancelAsync();
            await _channel.DisposeAsync();
            client.Dispose();
        }
    }

    private async Task<bool> Greet(CancellationToken closing)
    {
        WireMessage? first;
        try
        {
            first = await _channel.ReadAsync(closing).WaitAsync(options.HelloWithin, options.Time, closing);
        }
        catch (TimeoutException)
        {
            throw new WireException("No hello came in time.");
        }

        switch (first)
        {
            case null:
                return false;
            case WireMessage.Hello { Protocol: WireMessage.ProtocolVersion }:
                await Send(new WireMessage.Welcome(WireMessage.ProtocolVersion, options.Node, table.Palettes.All), closing);
                return true;
            case WireMessage.Hello hello:
                await Refuse(
                    CommandFault.Protocol, $"The client speaks version {hello.Protocol} of the pbm protocol, this node {WireMessage.ProtocolVersion}. Use the pbm of the node's FedKim.", closing);
                return false;
            default:
                throw new WireException("The first line must be a hello.");
        }
    }

    /// <summary>Takes in requests and cancels, while the requests are answered one after another.</summary>
    private async Task Commands(CancellationToken closing)
    {
        using var working = CancellationTokenSource.CreateLinkedTokenSource(closing);
        // On a thread of its own: a handler whose rows never keep it waiting must not keep its cancellation from being read.
        var answering = Task.Run(() => AnswerAll(working), CancellationToken.None);
        try
        {
            while (await Next(working.Token) is { } message) Take(message);
            _requests.Writer.Complete();
            // A client that sends no more may still wait for its answers, but it can never end a stream.
            foreach (var waiting in _waiting.Values)
                if (waiting.Stream) await waiting.Cancelled.CancelAsync();
        }
        catch
        {
            await working.CancelAsync();
            await answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        await answering;
    }

    /// <returns>The next message, null when the client sends no more.</returns>
    private async Task<WireMessage?> Next(CancellationToken closing)
    {
        var next = _channel.ReadAsync(closing);
        while (true)
        {
            try
            {
                return await next.WaitAsync(options.IdleFor, options.Time, closing);
            }
            catch (TimeoutException) when (!_waiting.IsEmpty)
            {
                // A command is running: that is not idle.
            }
            catch (TimeoutException)
            {
                throw new WireException($"No command came for {options.IdleFor.TotalSeconds:0.#} s, so the node ends the session.");
            }
        }
    }

    private void Take(WireMessage message)
    {
        switch (message)
        {
            case WireMessage.Cancel cancel:
                // One that is not there has ended while its cancel was on the way.
                if (_waiting.TryGetValue(cancel.Id, out var running)) running.Cancelled.Cancel();
                break;
            case WireMessage.Request request:
                if (_waiting.Count >= MostWaiting) throw new WireException($"More than {MostWaiting} requests wait for their answers.");
                var stream = table.Palettes.All.Any(palette => palette.Name == request.Palette
                    && palette.Commands.Any(known => known.Name == request.Command && known.Answer == AnswerShape.Stream));
                if (!_waiting.TryAdd(request.Id, new Waiting(stream, new CancellationTokenSource()))) throw new WireException($"Request {request.Id} is running already.");
                _requests.Writer.TryWrite(request);
                break;
            default:
                throw new WireException("Only requests and cancels may follow the hello.");
        }
    }

    private async Task AnswerAll(CancellationTokenSource working)
    {
        try
        {
            await foreach (var request in _requests.Reader.ReadAllAsync(working.Token))
            {
                using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(working.Token, _waiting[request.Id].Cancelled.Token);
                var last = await Answer(request, cancelled.Token, working.Token);
                // Before the last line goes out: from then on the client may use the id again.
                _waiting.TryRemove(request.Id, out _);
                await Send(last, working.Token);
            }
        }
        catch
        {
            await working.CancelAsync();
            throw;
        }
    }

    /// <returns>The line that ends the answer.</returns>
    private async Task<WireMessage> Answer(WireMessage.Request request, CancellationToken cancelled, CancellationToken closing)
    {
        var name = $"{request.Palette} {request.Command}";
        try
        {
            var invocation = table.Palettes.Complete(
                new CommandInvocation(request.Palette, request.Command, request.Switches.ToImmutableSortedDictionary(StringComparer.Ordinal)));
            var command = table.Palettes.Command(request.Palette, request.Command);
            using var late = new CancellationTokenSource(command.Within, options.Time);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancelled, late.Token);
            try
            {
                var count = await Rows(request.Id, table.Handler(invocation)(invocation, stop.Token), stop.Token, closing);
                if (command.Answer is AnswerShape.Item or AnswerShape.Message && count != 1) throw new InvalidOperationException($"it answered with {count} rows instead of one");
                return new WireMessage.End(request.Id);
            }
            catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
            {
                return new WireMessage.End(request.Id);
            }
            catch (OperationCanceledException) when (late.IsCancellationRequested)
            {
                return new WireMessage.Error(
                    CommandFault.Failed, $"'{name}' had no answer at {options.Node} within {command.Limit:0.##} s. The node may have lost the server; 'cluster show' tells.", request.Id);
            }
        }
        catch (CommandException e)
        {
            return new WireMessage.Error(e.Fault, Bounded(e.Message), request.Id);
        }
        catch (Exception e) when (e is not ClientGoneException && !closing.IsCancellationRequested)
        {
            options.OnFault?.Invoke($"The command '{name}' failed.", e);
            return new WireMessage.Error(CommandFault.Failed, Bounded($"'{name}' failed at {options.Node}: {e.Message}"), request.Id);
        }
    }

    /// <summary>Sends a handler's rows. A handler that does not heed its cancellation is left behind.</summary>
    private async Task<int> Rows(long id, IAsyncEnumerable<CommandRow> answer, CancellationToken stop, CancellationToken closing)
    {
        var count = 0;
        var rows = answer.GetAsyncEnumerator(stop);
        var step = Task.FromResult(false);
        try
        {
            while (true)
            {
                stop.ThrowIfCancellationRequested();
                step = rows.MoveNextAsync().AsTask();
                if (!await step.WaitAsync(stop)) return count;
                foreach (var line in Lines(id, rows.Current)) await Send(line, closing);
                count++;
            }
        }
        finally
        {
            if (step.IsCompleted) await rows.DisposeAsync();
        }
    }

    // A row that is longer than a line goes in pieces.
    private static IEnumerable<WireMessage> Lines(long id, CommandRow row)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(row, WireJson.Default.CommandRow);
        if (bytes.Length <= WireMessage.LongestPart) return [new WireMessage.Row(id, row)];
        var parts = bytes.Chunk(WireMessage.LongestPart).ToArray();
        return parts.Select((part, i) => new WireMessage.Part(id, part, Last: i == parts.Length - 1));
    }

    private async Task Send(WireMessage message, CancellationToken closing)
    {
        using var stalled = new CancellationTokenSource(options.StalledFor, options.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(closing, stalled.Token);
        try
        {
            await _channel.SendAsync(message, stop.Token);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException || (e is OperationCanceledException && stalled.IsCancellationRequested))
        {
            throw new ClientGoneException(e);
        }
    }

    /// <summary>Tells the client why and lets it read that before the connection goes.</summary>
    private async Task Refuse(CommandFault fault, string reason, CancellationToken closing)
    {
        try
        {
            await Send(new WireMessage.Error(fault, Bounded(reason)), closing);
            client.Client.Shutdown(SocketShutdown.Send);
            using var drained = new CancellationTokenSource(DrainFor, options.Time);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(closing, drained.Token);
            var bytes = new byte[16 * 1024];
            for (var total = 0; total < MostDrained;)
            {
                var read = await client.Client.ReceiveAsync(bytes, stop.Token);
                if (read == 0) break;
                total += read;
            }
        }
        catch (Exception e) when (e is ClientGoneException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It did not stay to hear it.
        }
    }

    /// <summary>A message fit for one line, also when it quotes what the client sent.</summary>
    private static string Bounded(string message) => AnswerWriter.OneLine(message.Length <= 1000 ? message : message[..1000] + "…");

    /// <summary>The client left or no longer reads: not to be mistaken for a handler's own trouble with a file or a network.</summary>
    private sealed class ClientGoneException(Exception inner) : Exception("The client is gone.", inner);

    /// <summary>A request that is running or waits for its turn.</summary>
    private sealed record Waiting(bool Stream, CancellationTokenSource Cancelled);
}
