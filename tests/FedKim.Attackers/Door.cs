using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace FedKim.Attackers;

/// <summary>Ways to a server's ports, with any certificate or none. Whom an attacker speaks with, it does not ask.</summary>
internal static class Door
{
    /// <summary>The connections of a client that shows this certificate.</summary>
    public static SocketsHttpHandler Connections(X509Certificate2? certificate) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        ConnectTimeout = Target.Patience,
        SslOptions = Options(certificate),
    };

    /// <summary>The status that a request is answered with; null where no answer comes.</summary>
    public static async Task<HttpStatusCode?> AskAsync(
        Uri door, X509Certificate2? certificate, HttpMethod method, string path, CancellationToken cancel, HttpContent? content = null,
        params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient(Connections(certificate)) { Timeout = Target.Patience };
        using var request = new HttpRequestMessage(method, new Uri(door, path)) { Content = content };
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        try
        {
            using var answer = await http.SendAsync(request, cancel);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>The same at a target's door, by TLS.</summary>
    public static Task<HttpStatusCode?> AskAsync(
        Target target, X509Certificate2? certificate, HttpMethod method, string path, CancellationToken cancel, byte[]? content = null,
        params (string Name, string Value)[] headers) =>
        AskAsync(new Uri($"https://{target.Door}/"), certificate, method, path, cancel, content is null ? null : new ByteArrayContent(content), headers);

    /// <summary>A connection on which the handshake is over at this end; null where it failed.</summary>
    public static async Task<SslStream?> ShakeAsync(int port, X509Certificate2? certificate, CancellationToken cancel)
    {
        var tcp = await ConnectAsync(port, cancel);
        var stream = new SslStream(tcp);
        try
        {
            await stream.AuthenticateAsClientAsync(Options(certificate), cancel);
            return stream;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            await stream.DisposeAsync();
            return null;
        }
    }

    /// <summary>Whether the other end still speaks after the handshake: by TLS 1.3 a client learns only then that it was refused.</summary>
    public static async Task<bool> SpeaksAsync(int port, X509Certificate2? certificate, CancellationToken cancel)
    {
        await using var stream = await ShakeAsync(port, certificate, cancel);
        return stream is not null && (await RestAsync(stream, cancel)).Length > 0;
    }

    /// <summary>What is answered to these bytes, at most some thousand letters, until the other end hangs up.</summary>
    public static async Task<string> SayAsync(Stream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        try
        {
            await stream.WriteAsync(bytes, cancel);
        }
        catch (IOException)
        {
            // It was cut off before all was said; it may have been told why.
        }

        return await RestAsync(stream, cancel);
    }

    /// <summary>A connection without TLS.</summary>
    public static async Task<NetworkStream> ConnectAsync(int port, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<string> RestAsync(Stream stream, CancellationToken cancel)
    {
        var heard = new StringBuilder();
        byte[] buffer = new byte[4096];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Target.Patience);
        try
        {
            while (heard.Length < buffer.Length && await stream.ReadAsync(buffer, limit.Token) is > 0 and var read)
                heard.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // Cut off.
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"The server neither answered nor hung up within {Target.Patience.TotalSeconds} s.");
        }

        return heard.ToString();
    }

    private static SslClientAuthenticationOptions Options(X509Certificate2? certificate) => new()
    {
        TargetHost = "anybody",
        ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
        RemoteCertificateValidationCallback = (_, _, _, _) => true,
    };
}
