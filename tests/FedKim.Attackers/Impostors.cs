using System.Collections.Immutable;
using System.Net;
using System.Text;
using FedKim.Certificates;
using FedKim.Protocol.Framed;

namespace FedKim.Attackers;

/// <summary>Who has a certificate of the consortium, and wants what its role may not.</summary>
internal static class Impostors
{
    private static readonly string Digest = new('b', 64);

    public static ImmutableArray<Attack> All { get; } =
    [
        Wants("an observer brings a model", PeerRole.Observer, HttpMethod.Put, _ => $"weights/{Digest}", "may not bring a model"),
        Wants("an observer fetches a model", PeerRole.Observer, HttpMethod.Get, _ => $"weights/{Digest}", "may not fetch a model"),
        Wants("an operator brings an update", PeerRole.Operator, HttpMethod.Put, Update, "may not bring an update"),
        Wants("an injector brings an update", PeerRole.Injector, HttpMethod.Put, Update, "may not bring an update"),
        Wants("a hospital commands at the door", PeerRole.Hospital, HttpMethod.Post, _ => "commands", "may not ask what is"),
        Wants("an injector commands at the door", PeerRole.Injector, HttpMethod.Post, _ => "commands", "may not ask what is"),
        Commands("an observer stops the federation at the door", PeerRole.Observer, target => $$$"""
            {"palette":"federation","command":"stop","switches":{"cause":"enough","federation":"{{{target.Round.Federation}}}"}}
            """, "may look, and change nothing"),
        Speaks("an observer opens a hospital's line", PeerRole.Observer),
        Speaks("an injector opens a hospital's line", PeerRole.Injector),
        Speaks("a server opens a hospital's line", PeerRole.Server),
        new("a hospital comes to the members' port", async (target, cancel) =>
        {
            using var shown = target.Forger.Good("visitor", PeerRole.Hospital);
            return await Door.SpeaksAsync(target.Server.Port, shown, cancel)
                ? Outcome.Got("A member spoke with it.")
                : Outcome.Refused(new Mark(target.Forger.Name(PeerRole.Hospital, "visitor"), "a server or injector is wanted here"));
        }),
    ];

    private static string Update(Target target) => $"spool/{target.Round.Federation}/{target.Round.Number}/{Digest}";

    private static Attack Wants(string name, PeerRole role, HttpMethod method, Func<Target, string> path, string refusal) => new(name, async (target, cancel) =>
    {
        using var shown = target.Forger.Good("impostor", role);
        var status = await Door.AskAsync(target, shown, method, path(target), cancel, method == HttpMethod.Get ? null : new byte[1000]);
        return status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound
            ? Outcome.Refused(new Mark(target.Forger.Name(role, "impostor"), refusal))
            : Outcome.Got($"It was answered with {status}.");
    });

    private static Attack Commands(string name, PeerRole role, Func<Target, string> command, string refusal) => new(name, async (target, cancel) =>
    {
        using var shown = target.Forger.Good("impostor", role);
        using var said = new StringContent(command(target), Encoding.UTF8, "application/json");
        var status = await Door.AskAsync(new Uri($"https://{target.Door}/"), shown, HttpMethod.Post, "commands", cancel, said);
        return status is HttpStatusCode.Conflict ? Outcome.Refused(new Mark(target.Forger.Name(role, "impostor"), refusal)) : Outcome.Got($"It was answered with {status}.");
    });

    private static Attack Speaks(string name, PeerRole role) => new(name, async (target, cancel) =>
    {
        using var shown = target.Forger.Good("impostor", role);
        await using var line = Line.Open(target, shown, "hospital-a");
        await line.SayAsync(new SiteFrame { Hello = new Hello { Activity = "idle" } });
        return await line.HearAsync(null, cancel) is { } frame
            ? Outcome.Got($"Its line was let in: {frame.SaidCase}.")
            : Outcome.Refused(new Mark(target.Forger.Name(role, "impostor"), "may not speak for a hospital"));
    });
}
