using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates.Tests;

/// <summary>TLS over loopback, each end with its own <see cref="PeerTrust"/>, as nodes have it.</summary>
public sealed class HandshakeTests : IDisposable
{
    private readonly Clinics _clinics = new();

    public void Dispose() => _clinics.Dispose();

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Two_sites_of_a_consortium_know_each_other(SslProtocols protocol)
    {
        using var server = _clinics.Trust(_clinics.Files("server", PeerRole.Server));
        using var hospital = _clinics.Trust(_clinics.Files("hospital-a", PeerRole.Hospital));
        var (atServer, atHospital) = await MeetAsync(server, hospital.Context, hospital, protocol);
        Assert.Equal((null, "spiffe://clinics/hospital/hospital-a"), (atServer!.Problem, atServer.Id!.ToString()));
        Assert.Equal((null, "spiffe://clinics/server/server"), (atHospital!.Problem, atHospital.Id!.ToString()));
    }

    [Fact]
    public async Task A_hospital_refuses_a_server_of_another_authority()
    {
        using var others = new Clinics();
        using var server = others.Trust(others.Files("server", PeerRole.Server));
        using var hospital = _clinics.Trust(_clinics.Files("hospital-a", PeerRole.Hospital));
        var (_, atHospital) = await MeetAsync(server, hospital.Context, hospital);
        Assert.NotNull(atHospital!.Problem);
    }

    [Theory]
    [InlineData("none", "it shows no certificate")]
    [InlineData("own", "it signed its certificate itself")]
    [InlineData("ended", "its certificate ended at ")]
    [InlineData("revoked", "its certificate is revoked")]
    [InlineData("mail", "its certificate is not for both ends of TLS")]
    [InlineData("nobody", "its certificate names nobody")]
    [InlineData("others", "it is of another consortium than clinics")]
    public async Task A_server_refuses_a_peer_and_says_why(string peer, string problem)
    {
        using var shown = Shown(peer);
        using var server = _clinics.Trust(_clinics.Files("server", PeerRole.Server));
        var (atServer, _) = await MeetAsync(server, shown is null ? null : SslStreamCertificateContext.Create(shown, null, offline: true), null);
        Assert.Null(atServer!.Id);
        Assert.StartsWith(problem, atServer.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_changes_refuses_the_next_handshake_and_says_so_to_those_who_keep_connections()
    {
        var files = _clinics.Files("server", PeerRole.Server);
        using var server = _clinics.Trust(files);
        using var hospital = _clinics.Trust(_clinics.Files("hospital-a", PeerRole.Hospital));
        Assert.Null((await MeetAsync(server, hospital.Context, hospital)).AtServer!.Problem);

        var changed = new TaskCompletionSource<PeerVerdict>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Changed += () => changed.TrySetResult(server.Check(hospital.Certificate));
        _clinics.Authority.Revoke("hospital-a");
        File.Copy(_clinics.At("authority", CertificateAuthority.RevokedName), files.Revoked!, overwrite: true);

        Assert.Equal("its certificate is revoked", (await changed.Task.WaitAsync(TimeSpan.FromSeconds(30))).Problem);
        Assert.Equal("its certificate is revoked", (await MeetAsync(server, hospital.Context, hospital)).AtServer!.Problem);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task An_organisations_own_authority_between_goes_with_the_certificate()
    {
        string folder = _clinics.At("own");
        Directory.CreateDirectory(folder);
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var betweenKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = RSA.Create(2048);
        DateTimeOffset now = _clinics.Clock.GetUtcNow(), end = now + Clinics.Year;
        using var root = Authority("CN=root", rootKey).CreateSelfSigned(now, end);
        using var bare = Authority("CN=between", betweenKey).Create(root, now, end, [2]);
        using var between = bare.CopyWithPrivateKey(betweenKey);
        var request = new CertificateRequest("CN=a", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(SubjectNames.Extension(PeerId.Of("clinics", PeerRole.Hospital, "a"), []));
        using var leaf = request.Create(between.SubjectName, X509SignatureGenerator.CreateForECDsa(betweenKey), now, end, [3]);
        File.WriteAllText(Path.Combine(folder, "chain.pem"), leaf.ExportCertificatePem() + "\n" + between.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "root.pem"), root.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "key.pem"), key.ExportRSAPrivateKeyPem());
        File.SetUnixFileMode(Path.Combine(folder, "key.pem"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        using var trust = _clinics.Trust(new TrustFiles(Path.Combine(folder, "root.pem"), Path.Combine(folder, "chain.pem"), Path.Combine(folder, "key.pem"), null));
        var rootOnly = new PeerCheck("clinics", [root], [], []);
        PeerVerdict? seen = null;
        await HandshakeAsync(
            trust.Context, trust.Context, (_, _) => true, (certificate, chain) => (seen = rootOnly.Judge(certificate, chain, now)).Problem is null, SslProtocols.None);
        Assert.Equal((null, "spiffe://clinics/hospital/a"), (seen!.Problem, seen.Id!.ToString()));
        Assert.Null(rootOnly.Judge(trust.Certificate, null, now).Problem);

        static CertificateRequest Authority(string name, ECDsa key)
        {
            var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            return request;
        }
    }

    private X509Certificate2? Shown(string peer)
    {
        switch (peer)
        {
            case "none":
                return null;
            case "own":
                using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                    return Clinics.Request(key, "spiffe://clinics/hospital/a").CreateSelfSigned(_clinics.Clock.GetUtcNow(), _clinics.Clock.GetUtcNow() + Clinics.Year);
            case "ended":
                var early = _clinics.Foreign("spiffe://clinics/hospital/a");
                _clinics.Clock.Passes(Clinics.Year + TimeSpan.FromDays(1));
                return early;
            case "revoked":
                using (var trust = _clinics.Trust(_clinics.Files("hospital-a", PeerRole.Hospital)))
                {
                    _clinics.Authority.Revoke("hospital-a");
                    return trust.Certificate;
                }

            case "mail":
                return _clinics.Foreign(request => request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.4")], false)), "spiffe://clinics/hospital/a");
            case "nobody":
                return _clinics.Foreign();
            default:
                return _clinics.Foreign("spiffe://others/hospital/a");
        }
    }

    // What each end thought of the other; a client without trust of its own takes any server, as an attacker does.
    private static async Task<(PeerVerdict? AtServer, PeerVerdict? AtClient)> MeetAsync(
        PeerTrust server, SslStreamCertificateContext? shown, PeerTrust? client, SslProtocols protocol = SslProtocols.None)
    {
        PeerVerdict? atServer = null, atClient = null;
        bool together = await HandshakeAsync(
            server.Context, shown,
            (certificate, chain) => (atServer = server.Check(certificate, chain)).Problem is null,
            (certificate, chain) => (atClient = client?.Check(certificate, chain))?.Problem is null,
            protocol);
        Assert.Equal(atServer is { Problem: null } && atClient is null or { Problem: null }, together);
        return (atServer, atClient);
    }

    // Whether a byte came through.
    private static async Task<bool> HandshakeAsync(
        SslStreamCertificateContext server,
        SslStreamCertificateContext? client,
        Func<X509Certificate2?, X509Chain?, bool> atServer,
        Func<X509Certificate2?, X509Chain?, bool> atClient,
        SslProtocols protocol)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var calling = new TcpClient();
        var called = listener.AcceptTcpClientAsync(limit.Token);
        await calling.ConnectAsync((IPEndPoint)listener.LocalEndpoint, limit.Token);
        using var accepted = await called;
        await using var serverEnd = new SslStream(accepted.GetStream());
        await using var clientEnd = new SslStream(calling.GetStream());
        var serving = HeldAsync(async () =>
        {
            await serverEnd.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = server,
                    ClientCertificateRequired = true,
                    EnabledSslProtocols = protocol,
                    RemoteCertificateValidationCallback = (_, certificate, chain, _) => atServer((X509Certificate2?)certificate, chain),
                },
                limit.Token);
            await serverEnd.WriteAsync(new byte[] { 1 }, limit.Token);
        }, accepted);
        var asking = HeldAsync(async () =>
        {
            await clientEnd.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "server",
                    ClientCertificateContext = client,
                    EnabledSslProtocols = protocol,
                    RemoteCertificateValidationCallback = (_, certificate, chain, _) => atClient((X509Certificate2?)certificate, chain),
                },
                limit.Token);
            await clientEnd.ReadExactlyAsync(new byte[1], limit.Token);
        }, calling);
        return await serving & await asking;
    }

    private static async Task<bool> HeldAsync(Func<Task> work, TcpClient connection)
    {
        try
        {
            await work();
            return true;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            connection.Close();
            return false;
        }
    }
}
