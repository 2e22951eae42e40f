using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using FedKim.Certificates;
using FedKim.Protocol.Framed;
using Google.Protobuf;

namespace FedKim.Attackers;

/// <summary>
/// Stands in an invited site's place, with its key, and contributes in each round what only looks like an update. Each costs it that round, and costs
/// the others nothing.
/// </summary>
/// <param name="target">The federation.</param>
/// <param name="site">The invited site, whose node does not run.</param>
public sealed class LyingHospital(Target target, string site)
{
    private const string Task = "rehearsal";

    /// <summary>The lies, one a round, and what the server must say of each.</summary>
    public static ImmutableArray<Lie> Lies { get; } =
    [
        new("values that are no numbers", model => Values(model, float.NaN), 1, "holds NaN or infinity"),
        new("values without end", model => Values(model, float.PositiveInfinity), 1, "holds NaN or infinity"),
        new("values of 1e30", model => Values(model, 1e30f), 1, "the federation allows"),
        new("tensors of another shape", Reshaped, 1, "expected ["),
        new("a part of an update", model => model[..(model.Length / 2)], 1, "it is no valid safetensors file"),
        new("a header longer than any file", Bomb, 1, "it is no valid safetensors file"),
        new("two billion samples", model => Values(model, 0.5f), 2_000_000_000, "it counts 2000000000 samples"),
        new("samples below none", model => Values(model, 0.5f), -5, "it counts -5 samples"),
    ];

    /// <summary>Contributes one lie in each round that the server orders, until all were told.</summary>
    /// <param name="lies">Which.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<Tried>> LieAsync(IEnumerable<Lie> lies, CancellationToken cancel)
    {
        using var shown = target.StolenCertificate(site);
        await using var line = await Liars.WelcomedAsync(target, shown, site, cancel);
        line.Hello = Status("", "idle");
        await line.SayAsync(line.Hello);
        var tried = ImmutableArray.CreateBuilder<Tried>();
        int last = 0;
        foreach (var lie in lies)
        {
            var order = (await line.HearAsync(frame => frame.Order is { } order && order.Round.Number > last, cancel, TimeSpan.FromMinutes(2)))?.Order
                ?? throw new InvalidOperationException("The line of the lying hospital has ended.");
            last = order.Round.Number;
            line.Hello = Status($"{order.Round.Federation}/{last}", "waiting");
            var outcome = await TellAsync(line, shown, order, lie, cancel);
            tried.Add(new Tried($"an invited hospital contributes {lie.Name}", outcome));
            line.Hello = Status("", "idle");
        }

        return tried.ToImmutable();
    }

    private async Task<Outcome> TellAsync(Line line, X509Certificate2 shown, Order order, Lie lie, CancellationToken cancel)
    {
        using var http = new HttpClient(Door.Connections(shown)) { BaseAddress = new Uri($"https://{target.Door}/") };
        byte[] update = lie.Made(await http.GetByteArrayAsync($"weights/{Convert.ToHexStringLower(order.Model.Span)}", cancel));
        byte[] digest = SHA256.HashData(update);
        using var body = new ByteArrayContent(update);
        using var answer = await http.PutAsync($"spool/{order.Round.Federation}/{order.Round.Number}/{Convert.ToHexStringLower(digest)}", body, cancel);
        await line.SayAsync(new SiteFrame
        {
            Contributed = new Contributed
            {
                Round = order.Round,
                Update = ByteString.CopyFrom(digest),
                Loss = double.NaN,
                Samples = { new Count { Task = Task, Samples = lie.Samples } },
            },
        });
        var verdict = (await line.HearAsync(frame => frame.Verdict?.Round.Equals(order.Round) == true, cancel))?.Verdict;
        return verdict is { Counted: false } && verdict.Reason.Contains(lie.Refusal, StringComparison.Ordinal)
            ? Outcome.Refused(new Mark(target.Forger.Name(PeerRole.Hospital, site), "it does not count: "))
            : Outcome.Got($"It was brought with {answer.StatusCode}, and told {verdict}.");
    }

    private static SiteFrame Status(string round, string activity) => new() { Hello = new Hello { Activity = activity, Round = round, Loss = double.NaN, Machine = "liar" } };

    private static byte[] Values(byte[] model, float value)
    {
        byte[] lie = [.. model];
        // The last tensor's last number; the first ones are the header's.
        BinaryPrimitives.WriteSingleLittleEndian(lie.AsSpan(^sizeof(float)), value);
        return lie;
    }

    private static byte[] Reshaped(byte[] model)
    {
        int header = (int)BinaryPrimitives.ReadInt64LittleEndian(model);
        var json = JsonNode.Parse(model.AsSpan(sizeof(long), header))!.AsObject();
        var tensor = json.First(one => one.Key != "__metadata__").Value!;
        tensor["shape"]!.AsArray().Insert(0, 1);
        string text = json.ToJsonString();
        byte[] made = Encoding.UTF8.GetBytes(text.PadRight((text.Length + 7) / 8 * 8));
        byte[] length = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, made.Length);
        return [.. length, .. made, .. model.AsSpan(sizeof(long) + header)];
    }

    private static byte[] Bomb(byte[] model)
    {
        byte[] lie = [.. model];
        BinaryPrimitives.WriteInt64LittleEndian(lie, long.MaxValue);
        return lie;
    }

    /// <summary>What only looks like an update.</summary>
    /// <param name="Name">What it is.</param>
    /// <param name="Made">Makes it of the model.</param>
    /// <param name="Samples">How many samples the site says.</param>
    /// <param name="Refusal">A part of what the server says of it.</param>
    public sealed record Lie(string Name, Func<byte[], byte[]> Made, long Samples, string Refusal);
}
