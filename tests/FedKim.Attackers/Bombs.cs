using System.Collections.Immutable;
using System.Net;
using System.Text;
using FedKim.Certificates;
using FedKim.Commands;
using FedKim.Commands.Client;
using FedKim.Commands.Palettes;
using FedKim.Protocol.Framed;
using Google.Protobuf;

namespace FedKim.Attackers;

/// <summary>Texts and bytes made to break whoever reads them: at the door by a certified hospital, and at the commands by somebody of the machine.</summary>
internal static class Bombs
{
    private const string Site = "hospital-z";

    private static readonly string Deep = string.Concat(Enumerable.Repeat("[", 100_000));

    public static ImmutableArray<Attack> All { get; } =
    [
        new("a frame of a megabyte", async (target, cancel) =>
        {
            using var shown = target.Forger.Good(Site, PeerRole.Hospital);
            await using var line = await Liars.WelcomedAsync(target, shown, Site, cancel);
            await line.SayAsync(new SiteFrame { Question = new Question { Id = 1, Kind = "GetRound", Text = ByteString.CopyFrom(new byte[1 << 20]) } });
            return await line.HearAsync(frame => frame.Answer is not null, cancel) is null ? Outcome.Refused(Mark(target, "said what cannot be taken")) : Outcome.Got("It was answered.");
        }),
        new("a question that nests without end", async (target, cancel) =>
        {
            using var shown = target.Forger.Good(Site, PeerRole.Hospital);
            await using var line = await Liars.WelcomedAsync(target, shown, Site, cancel);
            await line.SayAsync(
                new SiteFrame { Question = new Question { Id = 1, Kind = "GetRound", Text = ByteString.CopyFromUtf8($"{{\"number\":{Deep}") } },
                new SiteFrame { Question = new Question { Id = 2, Kind = "GetInjector", Text = ByteString.CopyFromUtf8("{}") } });
            return await line.HearAsync(frame => frame.Answer is not null, cancel) is { Answer.Id: 2 }
                ? Outcome.Refused(Mark(target, "said what is malformed: GetRound is malformed"))
                : Outcome.Got("It was answered.");
        }),
        Path("a path out of the weights", "/weights/../../../../etc/passwd"),
        Path("a path out of the weights in other letters", "/weights/%2e%2e%2f%2e%2e%2fetc%2fpasswd"),
        Path("a path out of the spool", $"/spool/..%2F..%2Fx/1/{new string('d', 64)}", HttpStatusCode.NotFound, HttpStatusCode.ServiceUnavailable),
        Path("a round that is no number", $"/spool/rehearsal/99999999999999999999/{new string('d', 64)}"),
        Path("a digest of a megabyte less", $"/weights/{new string('d', 7_000)}"),
        Raw("a head without end", "GET / HTTP/1.1\r\nHost: server\r\n" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"X-{i}: {new string('x', 100)}\r\n"))),
        Raw("a request line without end", "GET /" + new string('x', 1_000_000)),
        Raw("a chunk longer than any number", $"PUT /weights/{new string('d', 64)} HTTP/1.1\r\nHost: server\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n"),
        Raw("what is no HTTP", "\0\u0001\u0002 \r\n\r\n"),
        Raw("frames of HTTP/2 that make no sense", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + new string('\u00ff', 5_000)),
        new("a command that nests without end", async (target, cancel) =>
        {
            using var body = new StringContent($"{{\"palette\":{Deep}", Encoding.UTF8, "application/json");
            var status = await Door.AskAsync(new Uri($"http://127.0.0.1:{target.Server.CommandPort}/"), null, HttpMethod.Post, "commands", cancel, body);
            return status == HttpStatusCode.BadRequest ? Outcome.Refused() : Outcome.Got($"It was answered with {status}.");
        }),
        Submits("a federation file that nests without end", string.Concat(Enumerable.Repeat("a {", 20_000))),
        Submits("a federation file that reads a file of the server", "include file(\"/etc/passwd\")\nfederation { name = x }"),
        Submits("a federation whose name is a path", "federation { name = \"../../../tmp/x\", clients = [hospital-a], method = rehearsal }"),
    ];

    private static Mark Mark(Target target, string detail) => new(target.Forger.Name(PeerRole.Hospital, Site), detail);

    // What is asked for is not here, and nothing is named by it.
    private static Attack Path(string name, string path, params HttpStatusCode[] also) => new($"{name} in a request", async (target, cancel) =>
    {
        string before = string.Join(' ', target.Foreign());
        foreach (string method in (string[])["GET", "PUT", "HEAD"])
        {
            string heard = await SayAsync(target, $"{method} {path} HTTP/1.1\r\nHost: server\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", cancel);
            int status = heard.Split(' ') is ["HTTP/1.1", { } number, ..] ? int.Parse(number, System.Globalization.CultureInfo.InvariantCulture) : 0;
            if (status is not (400 or 403 or 404 or 405 or 414) && !also.Contains((HttpStatusCode)status))
                return Outcome.Got($"{method} was answered with {heard}.");
        }

        return string.Join(' ', target.Foreign()) == before ? Outcome.Refused() : Outcome.Got($"There is now {string.Join(' ', target.Foreign())}.");
    });

    private static Attack Raw(string name, string said) => new($"{name} at the door", async (target, cancel) =>
    {
        string heard = await SayAsync(target, said, cancel);
        return heard.StartsWith("HTTP/1.1 2", StringComparison.Ordinal) ? Outcome.Got($"It was answered with {heard}.") : Outcome.Refused();
    });

    private static Attack Submits(string name, string text) => new(name, async (target, cancel) =>
    {
        await using var client = await CommandClient.ConnectAsync(new NodeAddress("127.0.0.1", target.Server.CommandPort), Target.Patience, cancel);
        try
        {
            await foreach (var row in client.InvokeAsync(new CommandInvocation("federation", "submit").With("text", text), cancel))
                return Outcome.Got($"It was answered with {row}.");
            return Outcome.Got("It was taken.");
        }
        catch (CommandException)
        {
            return Outcome.Refused();
        }
    });

    private static async Task<string> SayAsync(Target target, string said, CancellationToken cancel)
    {
        using var shown = target.Forger.Good(Site, PeerRole.Hospital);
        await using var stream = await Door.ShakeAsync(target.Server.WeightsPort, shown, cancel) ?? throw new InvalidOperationException("A certified hospital is not let in.");
        return await Door.SayAsync(stream, Encoding.Latin1.GetBytes(said), cancel);
    }
}
