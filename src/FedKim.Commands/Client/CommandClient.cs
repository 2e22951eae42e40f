using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace FedKim.Commands;

/// <summary>A connection to a node's command host. Commands run one at a time; all that the client knows of them came from the node.</summary>
public sealed class CommandClient : IAsyncDisposable
{
    /// <summary>How long a node may take to be connected to and to greet, unless told otherwise.</summary>
    public static readonly TimeSpan DefaultConnectWithin = TimeSpan.FromSeconds(3);

    /// <summary>How much longer than the node allows its command a client waits, so that it hears the node's own word.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>How long a cancelled command may take to end before the connection is given up.</summary>
    private static readonly TimeSpan CancelWithin = TimeSpan.FromSeconds(2);

    private readonly TcpClient _tcp;
    private readonly WireChannel _channel;
    private long _lastId;
    private bool _running;

    private CommandClient(NodeAddress address, TcpClient tcp, WireChannel channel, WireMessage.Welcome welcome)
    {
        (Address, _tcp, _channel) = (address, tcp, channel);
        (Node, Palettes) = (welcome.Node, new PaletteSet(welcome.Palettes));
    }

    public NodeAddress Address { get; }

    /// <summary>The node's name.</summary>
    public string Node { get; }

    public PaletteSet Palettes { get; }

    /// <summary>Whether the connection can still be used.</summary>
    public bool Open { get; private set; } = true;

    /// <param name="within">How long to wait for connection and greeting; null for <see cref="DefaultConnectWithin"/>.</param>
    /// <exception cref="CommandException">Unreachable, or what answers is no FedKim node or speaks another version.</exception>
    public static async Task<CommandClient> ConnectAsync(NodeAddress address, TimeSpan? within = null, CancellationToken cancel = default)
    {
        using var late = new CancellationTokenSource(within ?? DefaultConnectWithin);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        var tcp = new TcpClient();
        try
        {
            try
            {
                await tcp.ConnectAsync(address.Host, address.Port, stop.Token);
            }
            catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                var why = e is SocketException socket ? socket.SocketErrorCode.ToString() : "no connection in time";
                throw new CommandException(
                    CommandFault.Unreachable, $"Nothing answers at {address} ({why}). Start a node there, or give the address of one that runs, as host:port.", e);
            }

            tcp.NoDelay = true;
            var channel = new WireChannel(tcp.GetStream(), WireMessage.LongestHostLine, WireMessage.LongestClientLine);
            return new CommandClient(address, tcp, channel, await Greet(address, channel, stop.Token, cancel));
        }
        catch (ArgumentException e)
        {
            tcp.Dispose();
            throw new CommandException(CommandFault.Protocol, $"The node at {address} sent palettes that are not well formed: {e.Message}", e);
        }
        catch
        {
            tcp.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Runs a command and yields its rows as they come. Cancelling, or leaving the enumeration early, ends the command at the node; the
    /// connection can be used again.
    /// </summary>
    /// <exception cref="CommandException">The palettes do not define it, the node failed at it, or the connection broke.</exception>
    /// <exception cref="InvalidOperationException">Another command runs on this connection.</exception>
    public async IAsyncEnumerable<CommandRow> InvokeAsync(CommandInvocation invocation, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var completed = Palettes.Complete(invocation);
        var within = Palettes.Command(invocation.Palette, invocation.Command).Within is var limit && limit == Timeout.InfiniteTimeSpan ? limit : limit + Grace;
        using var pieces = new MemoryStream();
        if (!Open) throw Gone(null);
        if (_running) throw new InvalidOperationException("A command client runs one command at a time; open another for the next.");
        _running = true;
        var id = ++_lastId;
        var ended = false;
        try
        {
            var request = new WireMessage.Request(id, completed.Palette, completed.Command, new Dictionary<string, string>(completed.Switches, StringComparer.Ordinal));
            await Talk(_channel.SendAsync(request, cancel));
            while (!ended)
            {
                var message = await Talk(Next(within, cancel));
                ended = message is not (WireMessage.Row or WireMessage.Part);
                switch (message)
                {
                    case WireMessage.Row row when row.Id == id:
                        yield return row.Fields;
                        break;
                    case WireMessage.Part part when part.Id == id && pieces.Length + part.Bytes.Length <= WireMessage.LongestRow:
                        pieces.Write(part.Bytes);
                        if (part.Last) yield return Whole(pieces);
                        break;
                    case WireMessage.End end when end.Id == id:
                        break;
                    case WireMessage.Error error:
                        if (error.Id is null) Open = false;
                        throw new CommandException(Known(error.Fault), AnswerWriter.OneLine(error.Message));
                    case null:
                        Open = false;
                        throw Gone(null);
                    default:
                        Open = false;
                        throw new CommandException(CommandFault.Protocol, $"The node at {Address} sent a line that does not belong to this command.");
                }
            }
        }
        finally
        {
            if (!ended && Open) Open = await CancelAtNode(id);
            if (!Open) _tcp.Close();
            _running = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Open = false;
        await _channel.DisposeAsync();
        _tcp.Dispose();
    }

    private static async Task<WireMessage.Welcome> Greet(NodeAddress address, WireChannel channel, CancellationToken stop, CancellationToken cancel)
    {
        try
        {
            await channel.SendAsync(new WireMessage.Hello(WireMessage.ProtocolVersion), stop);
            return await channel.ReadAsync(stop) switch
            {
                WireMessage.Welcome { Protocol: WireMessage.ProtocolVersion } welcome => welcome,
                WireMessage.Welcome other => throw new CommandException(
                    CommandFault.Protocol, $"The node at {address} speaks version {other.Protocol} of the pbm protocol, this client {WireMessage.ProtocolVersion}. Use the pbm of the node's FedKim."),
                WireMessage.Error error => throw new CommandException(Known(error.Fault), AnswerWriter.OneLine(error.Message)),
                null => throw new CommandException(CommandFault.Protocol, $"What listens at {address} hung up without a greeting: it is no FedKim node, or it is stopping."),
                _ => throw new CommandException(CommandFault.Protocol, $"What listens at {address} does not greet as a FedKim node does."),
            };
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new CommandException(CommandFault.Protocol, $"What listens at {address} did not greet in time: it is no FedKim node, or the node hangs.", e);
        }
        catch (WireException e)
        {
            throw new CommandException(CommandFault.Protocol, $"What listens at {address} is no FedKim node: {AnswerWriter.OneLine(e.Message)}", e);
        }
        catch (IOException e)
        {
            throw new CommandException(CommandFault.Unreachable, $"The connection to {address} broke before the node greeted. Is it starting or stopping? Try again.", e);
        }
    }

    private static CommandFault Known(CommandFault fault) => Enum.IsDefined(fault) ? fault : CommandFault.Failed;

    private CommandRow Whole(MemoryStream pieces)
    {
        try
        {
            var row = JsonSerializer.Deserialize(pieces.GetBuffer().AsSpan(0, (int)pieces.Length), WireJson.Default.CommandRow);
            pieces.SetLength(0);
            return row ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            Open = false;
            throw new CommandException(CommandFault.Protocol, $"The node at {Address} sent a row in pieces that do not make one: {AnswerWriter.OneLine(e.Message)}", e);
        }
    }

    private async Task<WireMessage?> Next(TimeSpan within, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(within);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            return await _channel.ReadAsync(stop.Token);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            Open = false;
            throw new CommandException(CommandFault.Protocol, $"The node at {Address} did not answer within {within.TotalSeconds:0.#} s.", e);
        }
    }

    private async Task<bool> CancelAtNode(long id)
    {
        using var late = new CancellationTokenSource(CancelWithin);
        try
        {
            await _channel.SendAsync(new WireMessage.Cancel(id), late.Token);
            while (true)
            {
                switch (await _channel.ReadAsync(late.Token))
                {
                    case WireMessage.End end when end.Id == id: return true;
                    case WireMessage.Error { Id: { } failed } when failed == id: return true;
                    case WireMessage.Row or WireMessage.Part: continue;
                    default: return false;
                }
            }
        }
        catch (Exception e) when (e is IOException or WireException or OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }

    private async Task Talk(Task talk)
    {
        try
        {
            await talk;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            Open = false;
            throw Gone(e);
        }
        catch (WireException e)
        {
            Open = false;
            throw new CommandException(CommandFault.Protocol, $"The talk with {Address} broke off: {AnswerWriter.OneLine(e.Message)}", e);
        }
    }

    private async Task<WireMessage?> Talk(Task<WireMessage?> talk)
    {
        await Talk((Task)talk);
        return await talk;
    }

    private CommandException Gone(Exception? inner) =>
        new(CommandFault.Unreachable, $"The node at {Address} went away before it had answered. Try again when it is back.", inner);
}
