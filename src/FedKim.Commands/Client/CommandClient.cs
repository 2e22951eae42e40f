using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using FedKim.Commands.Answers;
using FedKim.Commands.Palettes;
using FedKim.Commands.Wire;

namespace FedKim.Commands.Client;

/// <summary>A client of a node's command host. All that it knows of the commands came from the node.</summary>
public sealed class CommandClient : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _closing = new();

    private CommandClient(NodeAddress address, HttpClient http, CommandProtocol.Greeting greeting)
    {
        (Address, _http) = (address, http);
        (Node, Palettes) = (greeting.Node, new PaletteSet(greeting.Palettes));
    }

    public NodeAddress Address { get; }

    /// <summary>The node's name.</summary>
    public string Node { get; }

    public PaletteSet Palettes { get; }

    /// <summary>Whether the node was still the one that greeted when it was last asked; another may have other commands.</summary>
    public bool Open { get; private set; } = true;

    /// <param name="address">A node's port for commands; with <paramref name="tls"/>, a server's door.</param>
    /// <param name="within">How long to wait for connection and greeting; null for <see cref="CommandLimits.Greeting"/>.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="tls">What this client shows, and whom it takes for the node; null for a node on this machine.</param>
    /// <exception cref="CommandException">Unreachable, or what answers is no FedKim node or speaks another version.</exception>
    public static async Task<CommandClient> ConnectAsync(
        NodeAddress address, TimeSpan? within = null, CancellationToken cancel = default, SslClientAuthenticationOptions? tls = null)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        stop.CancelAfter(within ?? CommandLimits.Greeting);
        bool connected = false;
        var http = HttpTo(address, tls, () => connected = true);
        try
        {
            return new CommandClient(address, http, await GreetingAsync(address, http, stop.Token));
        }
        catch (Exception e)
        {
            http.Dispose();
            if (Unconnected(e, connected, cancel) is { } why)
            {
                throw new CommandException(
                    CommandFault.Unreachable, $"Nothing answers at {address} ({why}). Start a node there, or give the address of one that runs, as host:port.", e);
            }

            throw e switch
            {
                OperationCanceledException when !cancel.IsCancellationRequested => Stranger($"What listens at {address} did not greet in time: it is no FedKim node, or the node hangs.", e),
                HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => new CommandException(CommandFault.Unreachable,
                    $"{address} and this client do not take each other's certificates: {OneLine.Of(e.GetBaseException().Message)} Is it a server's door (port 9101 unless its file says otherwise), of the same consortium?", e),
                HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } =>
                    Stranger($"What listens at {address} hung up without a greeting: it is no FedKim node, or it is stopping.", e),
                HttpRequestException { InnerException: IOException { InnerException: SocketException } } => new CommandException(
                    CommandFault.Unreachable, $"The connection to {address} broke before the node greeted. Is it starting or stopping? Try again.", e),
                HttpRequestException or JsonException => Stranger($"What listens at {address} is no FedKim node: {OneLine.Of(e.Message)}", e),
                ArgumentException => Stranger($"The node at {address} sent palettes that are not well formed: {OneLine.Of(e.Message)}", e),
                _ => e,
            };
        }
    }

    /// <summary>Runs a command and yields its rows as they come. Cancelling, or leaving the enumeration early, ends the command at the node.</summary>
    /// <exception cref="CommandException">The palettes do not define it, the node failed at it, or the connection broke.</exception>
    public async IAsyncEnumerable<CommandRow> InvokeAsync(CommandInvocation invocation, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var completed = Palettes.Complete(invocation);
        var within = Palettes.Command(invocation.Palette, invocation.Command).Within is var limit && limit == Timeout.InfiniteTimeSpan ? limit : limit + CommandLimits.Grace;
        if (!Open)
            throw Gone(null);
        using var request = new HttpRequestMessage(HttpMethod.Post, CommandProtocol.Path) { Content = Content(completed) };
        using var response = await Talk(within, stop => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop), cancel);
        // What streams is the client's no more, and would outlive it.
        using var closing = _closing.Token.Register(response.Dispose);
        if (response.Content.Headers.ContentType?.MediaType != CommandProtocol.Lines)
            throw Misunderstood($"The node at {Address} answered with status {(int)response.StatusCode} in place of rows.");
        var lines = new LineReader(await response.Content.ReadAsStreamAsync(cancel), CommandProtocol.LongestLine);
        while (await Talk(within, lines.ReadAsync, cancel) is { } line)
            yield return Row(line);
    }

    public async ValueTask DisposeAsync()
    {
        Open = false;
        await _closing.CancelAsync();
        _http.Dispose();
        _closing.Dispose();
    }

    private static HttpClient HttpTo(NodeAddress address, SslClientAuthenticationOptions? tls, Action connected)
    {
        var sockets = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            // Whoever leaves an answer early does not read the rest of it: the node is to see that at once.
            MaxResponseDrainSize = 0,
            // Before the node would end it: no command is sent into a connection that is just being closed.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            ConnectCallback = async (context, stop) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(context.DnsEndPoint, stop);
                    connected();
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        if (tls is not null)
            sockets.SslOptions = tls;
        var http = new HttpClient(sockets)
        {
            BaseAddress = new Uri($"{(tls is null ? "http" : "https")}://{address}"),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = CommandProtocol.LongestGreeting,
        };
        // Under whichever name the address was given: what is meant is the node on loopback there, and it serves no other name.
        http.DefaultRequestHeaders.Host = "localhost";
        return http;
    }

    private static async Task<CommandProtocol.Greeting> GreetingAsync(NodeAddress address, HttpClient http, CancellationToken stop)
    {
        using var response = await http.GetAsync(CommandProtocol.Path, stop);
        byte[] content = await response.Content.ReadAsByteArrayAsync(stop);
        if (response.Content.Headers.ContentType?.MediaType == CommandProtocol.Lines)
            throw Refusal(content);
        if (response.StatusCode == HttpStatusCode.Forbidden)
            throw new CommandException(CommandFault.Failed, $"{address} refuses this certificate: {OneLine.Of(Encoding.UTF8.GetString(content))} Commands at a server's door are for operators and observers.");
        if (response is not { IsSuccessStatusCode: true, Content.Headers.ContentType.MediaType: "application/json" })
            throw Stranger($"What listens at {address} does not greet as a FedKim node does.", null);
        var greeting = JsonSerializer.Deserialize(content, WireJson.Default.Greeting) ?? throw new JsonException("null");
        return greeting.Protocol == CommandProtocol.Version ? greeting : throw Stranger(
            $"The node at {address} speaks version {greeting.Protocol} of the pbm protocol, this client {CommandProtocol.Version}. Use the pbm of the node's FedKim.", null);
    }

    private static string? Unconnected(Exception e, bool connected, CancellationToken cancel) => e switch
    {
        HttpRequestException { InnerException: SocketException socket } => AnswerTable.Title(socket.SocketErrorCode.ToString()).Trim(),
        OperationCanceledException when !connected && !cancel.IsCancellationRequested => "no connection in time",
        _ => null,
    };

    private static CommandException Stranger(string message, Exception? inner) => new(CommandFault.Protocol, message, inner);

    /// <exception cref="JsonException">The line is not of that kind.</exception>
    private static CommandException Refusal(byte[] line)
    {
        var (fault, message) = (JsonSerializer.Deserialize(line, WireJson.Default.Broken) ?? throw new JsonException("null")).Error;
        return new CommandException(Enum.IsDefined(fault) ? fault : CommandFault.Failed, OneLine.Of(message));
    }

    private static ByteArrayContent Content(CommandInvocation invocation)
    {
        var request = new CommandProtocol.Request(invocation.Palette, invocation.Command, new Dictionary<string, string>(invocation.Switches, StringComparer.Ordinal));
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(request, WireJson.Default.Request);
        if (bytes.Length > CommandProtocol.LongestCommand)
            throw new CommandException(CommandFault.Protocol, $"The command is {bytes.Length} bytes long with its switches; a node takes {CommandProtocol.LongestCommand}.");
        return new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
    }

    private CommandRow Row(byte[] line)
    {
        try
        {
            var json = new Utf8JsonReader(line);
            bool broken = json.Read() && json.Read() && json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals(CommandProtocol.Error)
                && json.Read() && json.TokenType == JsonTokenType.StartObject;
            if (broken)
                throw Refusal(line);
            return JsonSerializer.Deserialize(line, WireJson.Default.CommandRow) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw Misunderstood($"The node at {Address} sent a line that is no row: {OneLine.Of(e.Message)}", e);
        }
    }

    /// <summary>Waits for the node's next word.</summary>
    private async Task<T> Talk<T>(TimeSpan within, Func<CancellationToken, Task<T>> word, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        stop.CancelAfter(within);
        try
        {
            return await word(stop.Token);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw Open ? Misunderstood($"The node at {Address} did not answer within {within.TotalSeconds:0.#} s.", e) : Gone(e);
        }
        catch (InvalidDataException e)
        {
            throw Misunderstood($"The talk with {Address} broke off: {e.Message}", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or ObjectDisposedException)
        {
            Open = false;
            throw Gone(e);
        }
    }

    private CommandException Misunderstood(string message, Exception? inner = null)
    {
        Open = false;
        return new CommandException(CommandFault.Protocol, message, inner);
    }

    private CommandException Gone(Exception? inner) =>
        new(CommandFault.Unreachable, $"The node at {Address} went away before it had answered. Try again when it is back.", inner);
}
