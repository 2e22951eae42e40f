using System.Collections.Immutable;
using System.Net;
using System.Text;
using FedKim.Certificates;
using FedKim.Protocol.Framed;

namespace FedKim.Attackers;

/// <summary>More of everything than anybody needs; what can stay, stays while the other attacks are tried.</summary>
internal static class Floods
{
    private const string Site = "hospital-many";
    private const int Connections = 300, LinesOfASite = 4, ConnectionsOfAPeer = 32, Frames = 20_000;

    public static ImmutableArray<Attack> All { get; } =
    [
        new("hundreds connect and say nothing", (target, cancel) => Stay(target, [], cancel)),
        new("hundreds begin a handshake and do not go on", (target, cancel) => Stay(target, [0x16, 3, 1, 2, 0, 1, 0], cancel)),
        new("a hospital opens one line after another", Lines),
        new("a hospital opens one connection after another and sends slowly on each", Slowly),
        new("a hospital says as much as its line takes", Says),
    ];

    private static async Task<Outcome> Stay(Target target, byte[] begun, CancellationToken cancel)
    {
        foreach (int port in (int[])[target.Server.Port, target.Server.WeightsPort])
        {
            for (int i = 0; i < Connections; i++)
            {
                var stream = target.Hold(await Door.ConnectAsync(port, cancel));
                await stream.WriteAsync(begun, cancel);
            }
        }

        return await ServesAsync(target, cancel);
    }

    private static async Task<Outcome> Lines(Target target, CancellationToken cancel)
    {
        using var shown = target.Forger.Good(Site, PeerRole.Hospital);
        var lines = new List<Line>();
        try
        {
            for (int i = 0; i < LinesOfASite; i++)
                lines.Add(await Liars.WelcomedAsync(target, shown, Site, cancel));
            var more = Line.Open(target, shown);
            lines.Add(more);
            if (await more.HearAsync(null, cancel) is { } frame)
                return Outcome.Got($"Its line number {lines.Count} was let in: {frame.SaidCase}.");
        }
        finally
        {
            foreach (var line in lines)
                await line.DisposeAsync();
        }

        return Outcome.Refused(new Mark(target.Forger.Name(PeerRole.Hospital, Site), $"has {LinesOfASite} lines of {Site} already"));
    }

    private static async Task<Outcome> Slowly(Target target, CancellationToken cancel)
    {
        using var shown = target.Forger.Good(Site, PeerRole.Hospital);
        string path = $"PUT /spool/{target.Round.Federation}/{target.Round.Number}/{new string('e', 64)} HTTP/1.1\r\nHost: server\r\nContent-Length: 10000\r\n";
        for (int i = 0; i < 2 * ConnectionsOfAPeer; i++)
        {
            if (await Door.ShakeAsync(target.Server.WeightsPort, shown, cancel) is not { } stream)
                continue;
            target.Hold(stream);
            try
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(path), cancel);
            }
            catch (IOException)
            {
                // It was cut: one too many.
            }
        }

        return await ServesAsync(target, cancel, new Mark(target.Forger.Name(PeerRole.Hospital, Site), $"has {ConnectionsOfAPeer} connections here"));
    }

    private static async Task<Outcome> Says(Target target, CancellationToken cancel)
    {
        using var shown = target.Forger.Good("hospital-loud", PeerRole.Hospital);
        await using var line = await Liars.WelcomedAsync(target, shown, "hospital-loud", cancel);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(3));
        // The line takes fifty a second, and then the rest waits at the sender.
        var saying = line.SayAsync(Enumerable.Range(0, Frames).TakeWhile(_ => !limit.IsCancellationRequested).Select(
            _ => new SiteFrame { Hello = new Hello { Activity = "idle", Problem = new string('x', 3_900) } }));
        var served = await ServesAsync(target, cancel);
        return saying.IsCompleted ? Outcome.Got($"{Frames} frames were read at once.") : served;
    }

    // Whoever else comes is served meanwhile.
    private static async Task<Outcome> ServesAsync(Target target, CancellationToken cancel, params ImmutableArray<Mark> marks)
    {
        using var shown = target.Forger.Good("hospital-friend", PeerRole.Hospital);
        var status = await Door.AskAsync(target, shown, HttpMethod.Get, $"weights/{new string('f', 64)}", cancel);
        return status == HttpStatusCode.NotFound ? Outcome.Refused(marks) : Outcome.Got($"Another site is answered with {status}.");
    }
}
