using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FedKim.Certificates;
using FedKim.Protocol.Framed;
using Google.Protobuf;

namespace FedKim.Attackers;

/// <summary>A certified hospital that lies in its frames and at its door. It is not invited to the round, or it is one that has stolen an invited site's key.</summary>
internal static class Liars
{
    private const string Site = "hospital-z", Robbed = "hospital-a";
    private static readonly string Digest = new('c', 64);
    private static readonly ByteString Update = ByteString.CopyFrom(Convert.FromHexString(Digest));

    public static ImmutableArray<Attack> All { get; } =
    [
        new("a hospital says that it is another one, and contributes for it", (target, cancel) => Verdict(
            target, _ => Contribution(target.Round.Federation.Value, target.Round.Number), Site, "it does not count: this site was not invited", cancel)),
        new("a hospital that has stolen a site's key contributes once more", (target, cancel) => Verdict(
            target, _ => Contribution(target.Round.Federation.Value, target.Round.Number), Robbed, "it does not count: another update of this site", cancel, stolen: true)),
        new("a hospital that has stolen a site's key passes for it while it is here", (target, cancel) => NameTaken(target, "thief", cancel)),
        new("a hospital that has stolen a site's key does so without a machine's name", (target, cancel) => NameTaken(target, "", cancel)),
        Says("a hospital speaks of the last epoch that a number holds", _ => new SiteFrame { Hello = new Hello { Activity = "idle", Epoch = int.MaxValue } }, "said what is malformed: epoch is 2147483647"),
        Says("a hospital contributes to a federation whose name is a path", target => Contribution("../../../tmp/x", 1), "said what is malformed: round.federation is no name"),
        Says("a hospital contributes to a round before the first", target => Contribution(target.Round.Federation.Value, -1), "said what is malformed: round is none"),
        Says("a hospital contributes an update without a digest", target => new SiteFrame
        {
            Contributed = new Contributed { Round = Of(target), Update = ByteString.Empty },
        }, "said what is malformed: contributed.update has 0 bytes"),
        Says("a hospital tells a reason without end", target => new SiteFrame { Refusal = new Refusal { Round = Of(target), Reason = new string('x', 50_000) } }, "said what is malformed: refusal.reason"),
        Says("a hospital counts two thousand tasks", target =>
        {
            var frame = Contribution(target.Round.Federation.Value, target.Round.Number);
            frame.Contributed.Samples.AddRange(Enumerable.Range(0, 2000).Select(i => new Count { Task = $"t{i}", Samples = 1 }));
            return frame;
        }, "said what is malformed: contributed has 2001 tasks"),
        Says("a hospital orders by a question", _ => Asked("Stop", "{\"cause\":\"enough\"}"), "asked Stop, which is no question"),
        Says("a hospital names a type in a question", _ => Asked("System.IO.FileInfo", "{\"fileName\":\"/etc/passwd\"}"), "asked System.IO.FileInfo, which is no question"),
        new("a hospital contributes to a federation that there is not", Unknown),
        new("a hospital that is not invited brings an update", (target, cancel) => Puts(target, Site, Spool(target, Digest), new byte[1000], "may not bring an update", cancel)),
        new("a hospital brings a model that nobody asked for", (target, cancel) => Puts(target, Site, $"weights/{Digest}", new byte[1000], "may not bring a model", cancel)),
        new("a hospital fetches a model of a federation that it is not in", Fetches),
        new("a hospital brings other bytes under the digest of another's update", Anothers),
        new("a site claims an update of ten gigabytes", Claims),
        new("a site brings one update after another", OneAfterAnother),
        new("a site brings other bytes than it names", async (target, cancel) =>
        {
            using var shown = target.StolenCertificate(Robbed);
            var status = await Door.AskAsync(target, shown, HttpMethod.Put, Spool(target, Digest), cancel, new byte[1000]);
            return status == HttpStatusCode.UnprocessableEntity ? Outcome.Refused() : Outcome.Got($"It was answered with {status}.");
        }),
    ];

    private static string Spool(Target target, string digest) => $"spool/{target.Round.Federation}/{target.Round.Number}/{digest}";

    private static RoundName Of(Target target) => new() { Federation = target.Round.Federation.Value, Number = target.Round.Number };

    private static SiteFrame Contribution(string federation, int round) => new()
    {
        Contributed = new Contributed { Round = new RoundName { Federation = federation, Number = round }, Update = Update, Samples = { new Count { Task = "rehearsal", Samples = 1 } } },
    };

    private static SiteFrame Asked(string kind, string text) => new() { Question = new Question { Id = 1, Kind = kind, Text = ByteString.CopyFromUtf8(text) } };

    private static Mark Mark(Target target, string site, string detail) => new(target.Forger.Name(PeerRole.Hospital, site), detail);

    // After what is malformed the line goes on, and what was said is not followed: the question after it is answered.
    private static Attack Says(string name, Func<Target, SiteFrame> lie, string refusal) => new(name, async (target, cancel) =>
    {
        using var shown = target.Forger.Good(Site, PeerRole.Hospital);
        await using var line = await WelcomedAsync(target, shown, Site, cancel);
        await line.SayAsync(lie(target), Asked("GetInjector", "{}"));
        var heard = await line.HearAsync(frame => frame.SaidCase is ServerFrame.SaidOneofCase.Answer or ServerFrame.SaidOneofCase.Verdict, cancel);
        return heard is { SaidCase: ServerFrame.SaidOneofCase.Verdict } ? Outcome.Got($"It was taken for a contribution: {heard.Verdict}.") : Outcome.Refused(Mark(target, Site, refusal));
    });

    private static async Task<Outcome> Verdict(Target target, Func<Target, SiteFrame> said, string site, string refusal, CancellationToken cancel, bool stolen = false)
    {
        using var shown = stolen ? target.StolenCertificate(site) : target.Forger.Good(site, PeerRole.Hospital);
        await using var line = await WelcomedAsync(target, shown, "hospital-b", cancel);
        await line.SayAsync(said(target));
        var heard = await line.HearAsync(frame => frame.SaidCase == ServerFrame.SaidOneofCase.Verdict, cancel);
        return heard is null or { Verdict.Counted: true } ? Outcome.Got($"It was told {heard}.") : Outcome.Refused(Mark(target, site, refusal));
    }

    private static async Task<Outcome> NameTaken(Target target, string machine, CancellationToken cancel)
    {
        using var shown = target.StolenCertificate(Robbed);
        await using var line = await WelcomedAsync(target, shown, Robbed, cancel);
        line.Hello = new SiteFrame { Hello = new Hello { Activity = "idle", Machine = machine, Loss = double.NaN } };
        var heard = await line.HearAsync(frame => frame.SaidCase is ServerFrame.SaidOneofCase.NameTaken or ServerFrame.SaidOneofCase.Order, cancel);
        return heard is { SaidCase: ServerFrame.SaidOneofCase.NameTaken }
            ? Outcome.Refused(Mark(target, Robbed, "another node of that name is here"))
            : Outcome.Got($"It was told {heard?.SaidCase}.");
    }

    // Where a server does not know whether there is such a round it says nothing; nothing begins by it.
    private static async Task<Outcome> Unknown(Target target, CancellationToken cancel)
    {
        using var shown = target.Forger.Good(Site, PeerRole.Hospital);
        await using var line = await WelcomedAsync(target, shown, Site, cancel);
        await line.SayAsync(Contribution("nothing", 1), Contribution(target.Round.Federation.Value, 1_000_000), Asked("GetFederation", "{\"federation\":\"nothing\"}"));
        var heard = await line.HearAsync(frame => frame.SaidCase is ServerFrame.SaidOneofCase.Answer or ServerFrame.SaidOneofCase.Verdict, cancel);
        return heard is { Answer.Kind: "NotFound" } && !target.Foreign().Any() ? Outcome.Refused() : Outcome.Got($"It was told {heard}, and there is {string.Join(", ", target.Foreign())}.");
    }

    private static async Task<Outcome> Puts(Target target, string site, string path, byte[] content, string refusal, CancellationToken cancel)
    {
        using var shown = target.Forger.Good(site, PeerRole.Hospital);
        var status = await Door.AskAsync(target, shown, HttpMethod.Put, path, cancel, content);
        return status == HttpStatusCode.Forbidden ? Outcome.Refused(Mark(target, site, refusal)) : Outcome.Got($"It was answered with {status}.");
    }

    private static async Task<Outcome> Fetches(Target target, CancellationToken cancel)
    {
        using var shown = target.Forger.Good(Site, PeerRole.Hospital);
        var status = await Door.AskAsync(target, shown, HttpMethod.Get, $"weights/{target.Models().First()}", cancel);
        return status == HttpStatusCode.Forbidden ? Outcome.Refused(Mark(target, Site, "may not fetch a model")) : Outcome.Got($"It was answered with {status}.");
    }

    private static async Task<Outcome> Anothers(Target target, CancellationToken cancel)
    {
        string digest = target.Updates().First(update => update.Site != Robbed).Digest;
        using var shown = target.StolenCertificate(Robbed);
        var status = await Door.AskAsync(target, shown, HttpMethod.Put, Spool(target, digest), cancel, new byte[1000]);
        return status == HttpStatusCode.Forbidden ? Outcome.Refused(Mark(target, Robbed, "may not bring an update")) : Outcome.Got($"It was answered with {status}.");
    }

    private static async Task<Outcome> Claims(Target target, CancellationToken cancel)
    {
        using var shown = target.StolenCertificate(Robbed);
        await using var stream = await Door.ShakeAsync(target.Server.WeightsPort, shown, cancel) ?? throw new InvalidOperationException("An invited site is not let in.");
        string heard = await Door.SayAsync(
            stream, Encoding.ASCII.GetBytes($"PUT /{Spool(target, Digest)} HTTP/1.1\r\nHost: server\r\nContent-Length: 10000000000\r\nConnection: close\r\n\r\n"), cancel);
        return heard.StartsWith("HTTP/1.1 413", StringComparison.Ordinal) ? Outcome.Refused(Mark(target, Robbed, "more bytes than may come")) : Outcome.Got($"It was answered with {heard}.");
    }

    private static async Task<Outcome> OneAfterAnother(Target target, CancellationToken cancel)
    {
        using var shown = target.StolenCertificate(Robbed);
        for (byte i = 0; i < 8; i++)
        {
            byte[] content = [.. Enumerable.Repeat(i, 5000)];
            await Door.AskAsync(target, shown, HttpMethod.Put, Spool(target, Convert.ToHexStringLower(SHA256.HashData(content))), cancel, content);
        }

        int left = target.Updates().Count(update => update.Site == Robbed);
        return left <= 2 ? Outcome.Refused() : Outcome.Got($"{left} updates of one site lie at the server.");
    }

    /// <summary>A line that the server has let in.</summary>
    internal static async Task<Line> WelcomedAsync(Target target, X509Certificate2 shown, string name, CancellationToken cancel)
    {
        var line = Line.Open(target, shown, name);
        if (await line.HearAsync(frame => frame.SaidCase == ServerFrame.SaidOneofCase.Welcome, cancel) is not null)
            return line;
        await line.DisposeAsync();
        throw new InvalidOperationException("A certified hospital is not let in: what follows would prove nothing.");
    }
}
