using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using FedKim.Certificates;
using FedKim.Configuration;
using FedKim.Testing;

namespace FedKim.Cluster.Tests;

/// <summary>Who reaches the ports of a running federation, and what comes of it: nothing.</summary>
public sealed class StrangerTests : IDisposable
{
    private readonly TestConsortium _strangers = new("up");

    public void Dispose() => _strangers.Dispose();

    [Fact]
    public async Task Strangers_and_a_hospital_that_wants_more_than_its_part_change_nothing_and_are_named()
    {
        await using var federation = RunningFederation.Start(Rehearsal.Arguments);
        await federation.Await("round", "list", r => r["phase"].ToString() == "Training");
        var server = NodeConfiguration.Read(Path.Combine(federation.Work, "server.conf"));
        var hospital = NodeConfiguration.Read(Path.Combine(federation.Work, "hospital-a.conf")).Tls!;
        var door = new Uri($"https://127.0.0.1:{server.WeightsPort}/");
        string model = $"weights/{new string('a', 64)}", update = $"spool/rehearsal/1/{new string('b', 64)}";
        var stranger = _strangers.Peer("server", PeerRole.Server);
        using var trust = PeerTrust.Load(new TrustFiles(hospital.Authority, hospital.Certificate, hospital.Key, hospital.Revoked), TimeProvider.System, _ => { });
        var insider = new PeerTls(trust);

        // One who signed for himself in the name of the same consortium; one who shows nothing; one who speaks plainly.
        Assert.Null(await Ask(door, stranger.ToServer(), HttpMethod.Get, model));
        Assert.Null(await Ask(door, new SslClientAuthenticationOptions { TargetHost = "up" }, HttpMethod.Get, model));
        Assert.Null(await Ask(new Uri($"http://127.0.0.1:{server.WeightsPort}/"), null, HttpMethod.Get, model));
        // A certified hospital: what is there for it is answered, and no more is there.
        Assert.Equal(HttpStatusCode.NotFound, await Ask(door, insider.ToServer(), HttpMethod.Get, model));
        Assert.Equal(HttpStatusCode.NotFound, await Ask(door, insider.ToServer(), HttpMethod.Post, "commands"));
        Assert.NotEqual(HttpStatusCode.Created, await Ask(door, insider.ToServer(), HttpMethod.Put, update));
        // The members' port: garbage, a stranger, and the hospital, which is no member.
        Assert.False(await Shakes(server.Port, stranger));
        Assert.False(await Shakes(server.Port, insider));
        await Garbage(server.Port);
        await Garbage(server.WeightsPort);

        var report = await federation.End();

        var expected = await Rehearsal.Undisturbed;
        Assert.Equal(expected["result"]!.ToJsonString(), report["result"]!.ToJsonString());
        string log = await File.ReadAllTextAsync(Path.Combine(federation.Work, "server", "log", "node.jsonl"), TestContext.Current.CancellationToken);
        Assert.Contains("spiffe://up/server/server is refused: its certificate was signed by another authority", Said(log), StringComparison.Ordinal);
        Assert.Contains("spiffe://up/hospital/hospital-a is refused: a server or injector is wanted here", Said(log), StringComparison.Ordinal);
        Assert.DoesNotContain("\"@x\"", log, StringComparison.Ordinal);
    }

    private static string Said(string log) => string.Join('\n', log.Split('\n').Where(line => line.Length > 0).Select(line => System.Text.Json.Nodes.JsonNode.Parse(line)!)
        .Where(line => line["Peer"] is not null).Select(line => $"{line["Peer"]} {line["What"]}"));

    // Null where no answer came.
    private static async Task<HttpStatusCode?> Ask(Uri door, SslClientAuthenticationOptions? options, HttpMethod method, string path)
    {
        if (options is not null)
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = options ?? new SslClientAuthenticationOptions() });
        using var request = new HttpRequestMessage(method, new Uri(door, path));
        if (method == HttpMethod.Put)
            request.Content = new ByteArrayContent(new byte[1000]);
        try
        {
            using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    // Whether the other end goes on after the handshake: by TLS 1.3 a client learns later that it was refused.
    private static async Task<bool> Shakes(int port, PeerTls peer)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        var options = peer.ToServer();
        options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        try
        {
            await using var stream = new SslStream(tcp.GetStream());
            await stream.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken);
            return await stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken) > 0;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return false;
        }
    }

    private static async Task Garbage(int port)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        try
        {
            await tcp.GetStream().WriteAsync(new byte[5000], TestContext.Current.CancellationToken);
            while (await tcp.GetStream().ReadAsync(new byte[1000], TestContext.Current.CancellationToken) > 0)
            {
                // Whatever is said to it.
            }
        }
        catch (IOException)
        {
            // Cut off.
        }
    }
}
