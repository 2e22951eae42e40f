using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FedKim.Actors.Links;
using FedKim.Certificates;
using FedKim.Launch;

namespace FedKim.Node.Cli.Join;

/// <summary>Tries a server's door as the site's node will: the way there, who answers, and whether that one knows the site.</summary>
/// <param name="trust">The site's certificate, and whom it trusts.</param>
/// <param name="refusal">Why a server refuses the site, as far as it can know.</param>
/// <param name="proxy">What leads out of the site; null for none.</param>
/// <param name="clock">The only source of time.</param>
internal sealed class DoorCheck(PeerTrust trust, string refusal, Uri? proxy, TimeProvider clock)
{
    /// <summary>Tries one.</summary>
    /// <param name="server">Where it is, as host:port.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<DoorTry> TryAsync(string server, CancellationToken cancel)
    {
        try
        {
            var (line, steps) = await Way.OpenAsync(server, proxy, cancel);
            await using (line)
                return await KnockAsync(line, server, steps, cancel);
        }
        catch (LinkException e)
        {
            return new DoorTry(ExitCodes.Unreachable, $"{server}: {e.Message}");
        }
    }

    private async Task<DoorTry> KnockAsync(Stream line, string server, string steps, CancellationToken cancel)
    {
        PeerVerdict? refused = null;
        PeerId? peer = null;
        var options = new PeerTls(trust) { Refused = verdict => refused = verdict }.ToServer();
        var judge = options.RemoteCertificateValidationCallback!;
        options.ApplicationProtocols = [SslApplicationProtocol.Http11];
        options.RemoteCertificateValidationCallback = (sender, shown, chain, errors) =>
        {
            bool holds = judge(sender, shown, chain, errors);
            peer = holds ? trust.Check(shown as X509Certificate2, chain).Id : null;
            return holds;
        };
        await using var tls = new SslStream(line);
        try
        {
            return await Way.WithinAsync(
                async limit =>
                {
                    await tls.AuthenticateAsClientAsync(options, limit);
                    return await AskAsync(tls, $"{steps} → {peer}", limit);
                },
                () => peer is null ? $"{steps}: the connection is taken and TLS does not begin: another program listens there, or what is on the way swallows it. Nothing came" : $"{steps} → {peer}: no answer came", cancel);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return refused is { } verdict ? new DoorTry(ExitCodes.Configuration, $"{steps}: who answers shows {verdict.Shown ?? "no certificate"}: {verdict.Problem}")
                : peer is not null ? new DoorTry(ExitCodes.Configuration, $"{steps} → {peer}: {refusal}")
                : new DoorTry(ExitCodes.Unreachable, $"{steps}: something listens there, and it is no server of FedKim with TLS: another program, or another port. ({e.Message.ReplaceLineEndings(" ")})");
        }

        // A server says whether it takes a certificate only when it is spoken to. What is asked for it does not have, and need not.
        async Task<DoorTry> AskAsync(Stream secured, string way, CancellationToken limit)
        {
            var asked = clock.GetUtcNow();
            await secured.WriteAsync(Encoding.ASCII.GetBytes($"HEAD / HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n"), limit);
            if (await AnswerHead.ReadAsync(secured, limit) is not { } head)
                return new DoorTry(ExitCodes.Unreachable, $"{way}: it does not speak as a server of FedKim does. Ask its keeper for its version");
            return new DoorTry(
                ExitCodes.Ok, $"{way}: it lets this site in", head.Date is { } theirs ? ClockCheck.Of(peer!.Site, theirs, asked, clock.GetUtcNow()) : null);
        }
    }
}
