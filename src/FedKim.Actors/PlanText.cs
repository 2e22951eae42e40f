using System.Text.Json;
using System.Text.Json.Nodes;
using FedKim.Rounds;

namespace FedKim.Actors;

/// <summary>What was agreed, as people and other programs read it beside a result.</summary>
public static class PlanText
{
    /// <summary>The plan as JSON.</summary>
    public static string Of(FederationPlan plan)
    {
        var text = Agreed(plan);
        // Left out where a plan says nothing of it.
        if (plan.Anyone is { } anyone)
            text["anyone"] = new JsonObject { ["least"] = anyone.Least, ["most"] = anyone.Most };
        if (plan.Selection != Selection.All)
            text["selection"] = new JsonObject { ["fraction"] = plan.Selection.Fraction, ["byData"] = plan.Selection.ByData };
        if (plan.SkipAfter is { } skip)
            text["skipAfterSeconds"] = skip.TotalSeconds;
        if (plan.QuorumShare > 0)
            text["quorumShare"] = plan.QuorumShare;
        if (plan.Injector.Length > 0)
            text["injector"] = plan.Injector;
        return text.ToJsonString();
    }

    private static JsonObject Agreed(FederationPlan plan) => new()
    {
        ["federation"] = plan.Id.Value,
        ["method"] = plan.Method,
        ["seed"] = plan.Seed,
        ["rounds"] = plan.Rounds,
        ["clients"] = new JsonArray([.. plan.Clients.Select(c => JsonValue.Create(c.Value))]),
        ["quorum"] = plan.Quorum,
        ["deadlineSeconds"] = plan.Deadline.TotalSeconds,
        ["retries"] = plan.Retries,
        ["strategy"] = plan.Strategy,
        ["serverOptimizer"] = JsonSerializer.SerializeToNode(plan.ServerOptimizer, JsonSerializerOptions.Web),
        ["weighting"] = plan.Weighting,
        ["maxNorm"] = double.IsFinite(plan.MaxNorm) ? plan.MaxNorm : null,
        ["startFrom"] = plan.StartFrom.Length == 0 ? null : plan.StartFrom,
        ["parts"] = new JsonObject(plan.Parts.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)new JsonArray([.. p.Value.Select(t => JsonValue.Create(t))])))),
        ["learning"] = JsonNode.Parse(plan.Learning),
    };
}
