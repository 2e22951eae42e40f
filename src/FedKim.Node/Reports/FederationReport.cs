using System.Globalization;
using System.Text.Json.Nodes;
using FedKim.Protocol;

namespace FedKim.Node.Reports;

/// <summary>A federation's report as JSON, from what the server's journal tells. Names are camelCase; digests are null before they are known.</summary>
internal static class FederationReport
{
    /// <param name="federation">The federation.</param>
    /// <param name="rounds">Its rounds with their clients, by number.</param>
    /// <param name="evaluation">Task evaluations as a JSON array; empty before.</param>
    public static JsonObject Of(FederationView federation, IEnumerable<RoundView> rounds, string evaluation) => new()
    {
        ["federation"] = federation.Federation,
        ["phase"] = federation.Phase,
        ["cause"] = Text(federation.Cause),
        ["seed"] = federation.Seed,
        ["strategy"] = federation.Strategy,
        ["method"] = federation.Method,
        ["rounds"] = new JsonArray([.. rounds.Select(Round)]),
        ["result"] = new JsonObject
        {
            ["globalSha256"] = Text(federation.GlobalModel),
            ["adapterSha256"] = Text(federation.Adapter),
        },
        ["evaluation"] = evaluation.Length == 0 ? new JsonArray() : JsonNode.Parse(evaluation),
    };

    private static JsonNode Round(RoundView round) => new JsonObject
    {
        ["number"] = round.Number,
        ["outcome"] = round.Phase is "Committed" or "Failed" ? round.Phase.ToLowerInvariant() : "open",
        ["cause"] = Text(round.Cause),
        ["participants"] = new JsonArray([.. round.Invited.Select(client => JsonValue.Create(client))]),
        ["accepted"] = new JsonArray([.. round.Accepted.Select(a => new JsonObject { ["client"] = a.Client, ["digest"] = a.Digest, ["samples"] = a.Samples })]),
        ["dropped"] = new JsonArray([.. round.Dropped.Select(d => new JsonObject { ["client"] = d.Client, ["reason"] = d.Reason })]),
        ["aggregateSha256"] = Text(round.Aggregate),
        ["globalSha256"] = Text(round.GlobalModel),
        ["adapterSha256"] = Text(round.Adapter),
        ["injectionLoss"] = double.IsFinite(round.InjectionLoss) ? round.InjectionLoss : null,
        ["openedAt"] = DateTimeOffset.FromUnixTimeMilliseconds(round.OpenedAt).ToString("O", CultureInfo.InvariantCulture),
        ["phaseMilliseconds"] = new JsonObject(round.PhaseMilliseconds.Select(p => KeyValuePair.Create(p.Phase.ToLowerInvariant(), (JsonNode?)p.Milliseconds))),
    };

    private static JsonNode? Text(string text) => text.Length == 0 ? null : text;
}
