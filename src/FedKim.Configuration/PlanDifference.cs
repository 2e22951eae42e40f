using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedKim.Rounds;

namespace FedKim.Configuration;

/// <summary>What differs between two federations' plans. Pure.</summary>
public static class PlanDifference
{
    /// <summary>The first setting that differs, with both values; null where the plans say the same.</summary>
    public static string? First(FederationPlan before, FederationPlan now)
    {
        if (before.SaysTheSameAs(now))
            return null;
        var (old, all) = (Leaves("", Json(before)).ToDictionary(), Leaves("", Json(now)).ToDictionary());
        string? key = old.Keys.Concat(all.Keys).Distinct().FirstOrDefault(k => old.GetValueOrDefault(k) != all.GetValueOrDefault(k));
        return key is null ? "the plan" : $"{key} was {old.GetValueOrDefault(key, "not set")} and is {all.GetValueOrDefault(key, "not set")}";
    }

    private static JsonObject Json(FederationPlan plan) => new()
    {
        ["name"] = plan.Id.Value,
        ["seed"] = plan.Seed,
        ["rounds"] = plan.Rounds,
        ["clients"] = plan.Anyone is null ? string.Join(", ", plan.Clients) : "any",
        ["least"] = plan.Anyone?.Least,
        ["most"] = plan.Anyone?.Most,
        ["selection"] = JsonSerializer.SerializeToNode(plan.Selection, JsonSerializerOptions.Web),
        ["absent"] = plan.SkipAfter is { } skip ? $"skip after {Durations.Text(skip)}" : "wait",
        ["quorum"] = plan.Quorum,
        ["quorum-share"] = plan.QuorumShare,
        ["deadline"] = plan.Deadline.ToString(),
        ["limits"] = JsonSerializer.SerializeToNode(plan.Limits, JsonSerializerOptions.Web),
        ["strategy"] = plan.Strategy,
        ["weighting"] = plan.Weighting,
        ["method"] = plan.Method,
        ["server-optimizer"] = JsonSerializer.SerializeToNode(plan.ServerOptimizer, JsonSerializerOptions.Web),
        ["injector"] = plan.Injector,
        ["max-norm"] = plan.MaxNorm.ToString(CultureInfo.InvariantCulture),
        ["learning"] = JsonNode.Parse(plan.Learning),
    };

    private static IEnumerable<(string Key, string Value)> Leaves(string at, JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(property => Leaves(at.Length == 0 ? property.Key : $"{at}.{property.Key}", property.Value)),
        JsonArray a => a.SelectMany((item, i) => Leaves($"{at}.{i + 1}", item)),
        null => [(at, "null")],
        _ => [(at, node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString())],
    };
}
