using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using FedKim.Actors.Links;

namespace FedKim.Node.Cli.Join;

/// <summary>The way from here to a server, step by step: name, address, connection, and the proxy where there is one. Each step has an end.</summary>
internal static class Way
{
    private const int MostAddresses = 8;

    /// <summary>How long a step may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Goes it.</summary>
    /// <param name="server">Where to, as host:port.</param>
    /// <param name="proxy">What leads out of the site; null for none.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>A connection, and the steps that led to it, for people.</returns>
    /// <exception cref="LinkException">It is closed; the message says where, and which direction that is.</exception>
    public static async Task<(Stream Line, string Steps)> OpenAsync(string server, Uri? proxy, CancellationToken cancel)
    {
        if (proxy is null)
        {
            int colon = server.LastIndexOf(':');
            var (direct, address) = await ConnectAsync(server[..colon].Trim('[', ']'), int.Parse(server[(colon + 1)..], CultureInfo.InvariantCulture), cancel);
            return (direct, $"{server} → {address}");
        }
        Stream line;
        try
        {
            (line, _) = await ConnectAsync(proxy.DnsSafeHost, proxy.Port, cancel);
        }
        catch (LinkException e)
        {
            throw new LinkException($"the proxy {proxy.Authority} is not reached: {e.Message}", e);
        }
        try
        {
            if (proxy.Scheme == Uri.UriSchemeHttps)
                line = await SecuredAsync(line, proxy, cancel);
            await TunnelAsync(line, server, proxy, cancel);
            return (line, $"{server} → proxy {proxy.Authority}");
        }
        catch
        {
            await line.DisposeAsync();
            throw;
        }
    }

    /// <summary>Does one step, which may not take longer than patience lasts.</summary>
    /// <param name="step">The step.</param>
    /// <param name="otherwise">What is said of one that lasts longer.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="LinkException">It lasts longer.</exception>
    public static async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> step, Func<string> otherwise, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        try
        {
            return await step(limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new LinkException(string.Create(CultureInfo.InvariantCulture, $"{otherwise()} within {Patience.TotalSeconds:0} s"));
        }
    }

    private static async Task<(Stream Line, IPAddress Address)> ConnectAsync(string host, int port, CancellationToken cancel)
    {
        List<string> closed = [];
        foreach (var address in (await AddressesOf(host, cancel)).Take(MostAddresses))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await WithinAsync(
                    async limit =>
                    {
                        await socket.ConnectAsync(address, port, limit);
                        return true;
                    },
                    () => $"{address} does not answer on port {port}: that machine is down, or a firewall drops what goes out from here or comes in there. Nothing came", cancel);
                return (new NetworkStream(socket, ownsSocket: true), address);
            }
            catch (Exception e)
            {
                socket.Dispose();
                if (e is not (LinkException or SocketException))
                    throw;
                closed.Add(e is SocketException error ? Words(error.SocketErrorCode, address, port) : e.Message);
            }
        }

        throw new LinkException(string.Join("; ", closed));
    }

    private static async Task<IPAddress[]> AddressesOf(string host, CancellationToken cancel)
    {
        if (IPAddress.TryParse(host, out var address))
            return [address];
        try
        {
            return await WithinAsync(limit => Dns.GetHostAddressesAsync(host, limit), () => $"this machine's name service does not answer for {host}. It said nothing", cancel) is { Length: > 0 } found
                ? found
                : throw new SocketException((int)SocketError.HostNotFound);
        }
        catch (SocketException)
        {
            throw new LinkException($"the name {host} is not found: this machine's name service knows no address of it. Correct the name, or have it entered there");
        }
    }

    private static string Words(SocketError error, IPAddress address, int port) => error switch
    {
        SocketError.ConnectionRefused => $"{address} is reached and refuses port {port}: no server runs there, or it is starting, or a firewall refuses for it. The way out from here is open",
        SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.HostDown or SocketError.NetworkDown =>
            $"no way leads from here to {address}: the way out is closed, at this machine's network or a firewall ({error})",
        SocketError.AccessDenied => $"this machine itself forbids connections to port {port} of {address}: the way out is closed here, by a rule of its own",
        SocketError.TimedOut => $"{address} does not answer on port {port}: that machine is down, or a firewall drops what goes out from here or comes in there",
        _ => $"{address} is not reached on port {port} ({error})",
    };

    private static async Task<Stream> SecuredAsync(Stream line, Uri proxy, CancellationToken cancel)
    {
        var secured = new SslStream(line);
        try
        {
            return await WithinAsync<Stream>(
                async limit =>
                {
                    await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = proxy.DnsSafeHost }, limit);
                    return secured;
                },
                () => $"the proxy {proxy.Authority} takes connections and does not answer", cancel);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            throw new LinkException($"the proxy {proxy.Authority} is reached, and TLS to it fails: {e.Message}", e);
        }
    }

    private static async Task TunnelAsync(Stream line, string server, Uri proxy, CancellationToken cancel)
    {
        AnswerHead? head;
        try
        {
            head = await WithinAsync(
                async limit =>
                {
                    await line.WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n\r\n"), limit);
                    return await AnswerHead.ReadAsync(line, limit);
                },
                () => $"the proxy {proxy.Authority} takes the connection and opens no way to {server}: it does not reach it, or is no proxy. It said nothing", cancel);
        }
        catch (IOException e)
        {
            throw new LinkException($"the proxy {proxy.Authority} cuts the connection when it is asked for {server}", e);
        }
        string? closed = head?.Status switch
        {
            null => $"what answers at {proxy.Authority} is no proxy. Correct --proxy",
            >= 200 and < 300 => null,
            407 => $"the proxy {proxy.Authority} asks for a name and a password, for which FedKim has no setting. Have this machine let through without them",
            403 or 405 => $"the proxy {proxy.Authority} forbids the way to {server} (it answers {head.Status}). Have it allowed there",
            var status => $"the proxy {proxy.Authority} is reached, and does not reach {server} (it answers {status})",
        };
        if (closed is not null)
            throw new LinkException(closed);
    }
}
