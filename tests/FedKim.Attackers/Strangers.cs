using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FedKim.Certificates;
using FedKim.Protocol.Framed;

namespace FedKim.Attackers;

/// <summary>Who has no certificate of the consortium that counts: asks at the door, opens a line, and speaks at the members' port.</summary>
internal static class Strangers
{
    private const string Anything = "weights/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    public static ImmutableArray<Attack> All { get; } =
    [
        new("someone without TLS asks at both ports", WithoutTls),
        Shows("someone who shows no certificate", _ => null, _ => new Mark(null, "it shows no certificate")),
        Shows(
            "a stranger whose own authority has the consortium's name", forger => forger.OfStrangers("server", PeerRole.Server),
            forger => new Mark(forger.Name(PeerRole.Server, "server"), "its certificate was signed by another authority")),
        Shows(
            "a stranger who signed for himself", forger => forger.OfItself("hospital-a", PeerRole.Hospital),
            forger => new Mark(forger.Name(PeerRole.Hospital, "hospital-a"), "it signed its certificate itself")),
        Shows(
            "a hospital whose certificate has ended", forger => forger.Expired("hospital-old", PeerRole.Hospital),
            forger => new Mark(forger.Name(PeerRole.Hospital, "hospital-old"), "its certificate ended at")),
        Shows(
            "a hospital of another consortium with the same authority", forger => forger.Named("hospital-a", "spiffe://elsewhere/hospital/hospital-a"),
            forger => new Mark("spiffe://elsewhere/hospital/hospital-a", $"it is of another consortium than {forger.Consortium}")),
        Shows(
            "a site whose certificate names a hospital and a server", forger => forger.Named("both", forger.Name(PeerRole.Hospital, "both"), forger.Name(PeerRole.Server, "both")),
            _ => new Mark("CN=both", "its certificate names nobody")),
        Shows(
            "a site whose certificate is for one end of TLS alone", forger => forger.OfOneEnd("half", PeerRole.Server),
            forger => new Mark(forger.Name(PeerRole.Server, "half"), "its certificate is not for both ends of TLS")),
        new("a hospital is revoked while it is connected", RevokedWhileConnected),
    ];

    private static Attack Shows(string who, Func<Forger, X509Certificate2?> certificate, Func<Forger, Mark> mark) => new($"{who} asks at both ports", async (target, cancel) =>
    {
        using var shown = certificate(target.Forger);
        return await TriesAsync(target, shown, cancel) is { Length: > 0 } got ? Outcome.Got(got) : Outcome.Refused(mark(target.Forger));
    });

    // What it got; empty for nothing.
    private static async Task<string> TriesAsync(Target target, X509Certificate2? shown, CancellationToken cancel)
    {
        if (await Door.AskAsync(target, shown, HttpMethod.Get, Anything, cancel) is { } status)
            return $"Its request was answered with {status}.";
        await using var line = Line.Open(target, shown, "hospital-a");
        await line.SayAsync(new SiteFrame { Hello = new Hello { Activity = "idle" } });
        if (await line.HearAsync(null, cancel) is { } frame)
            return $"Its line was let in: {frame.SaidCase}.";
        return await Door.SpeaksAsync(target.Server.Port, shown, cancel) ? "A member spoke with it." : "";
    }

    private static async Task<Outcome> WithoutTls(Target target, CancellationToken cancel)
    {
        if (await Door.AskAsync(new Uri($"http://{target.Door}/"), null, HttpMethod.Get, Anything, cancel) is { } status)
            return Outcome.Got($"A request without TLS was answered with {status}.");
        foreach (int port in (int[])[target.Server.Port, target.Server.WeightsPort])
        {
            // A frame as Akka sends it without TLS, of a length that no frame has; and a request.
            foreach (byte[] bytes in (byte[][])[[0xff, 0xff, 0xff, 0x7f, 1, 2, 3, 4], Encoding.ASCII.GetBytes("GET / HTTP/1.0\r\n\r\n"), new byte[5000]])
            {
                await using var stream = await Door.ConnectAsync(port, cancel);
                string heard = await Door.SayAsync(stream, bytes, cancel);
                // An alert of TLS says that it was not understood; anything else is an answer.
                if (heard.Length > 0 && heard[0] != 0x15)
                    return Outcome.Got($"Port {port} answered bytes without TLS: {heard[..Math.Min(40, heard.Length)]}");
            }
        }

        return Outcome.Refused();
    }

    private static async Task<Outcome> RevokedWhileConnected(Target target, CancellationToken cancel)
    {
        const string Site = "hospital-gone";
        using var shown = target.Forger.Good(Site, PeerRole.Hospital);
        await using var line = Line.Open(target, shown);
        line.Hello = new SiteFrame { Hello = new Hello { Activity = "idle" } };
        if (await line.HearAsync(frame => frame.Welcome is not null, cancel) is null)
            throw new InvalidOperationException("A certified hospital is not let in: what follows would prove nothing.");
        target.Forger.Revoke(Site);
        while (await line.HearAsync(null, cancel) is not null)
        {
            // What was on its way.
        }

        var mark = new Mark(target.Forger.Name(PeerRole.Hospital, Site), "its certificate is revoked");
        return await TriesAsync(target, shown, cancel) is { Length: > 0 } got ? Outcome.Got(got) : Outcome.Refused(mark);
    }
}
