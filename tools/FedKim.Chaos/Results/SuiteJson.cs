using System.Text.Json;
using System.Text.Json.Nodes;

namespace FedKim.Chaos.Results;

/// <summary>The results of a suite as JSON. Scenarios that could not be tried on this machine stand apart.</summary>
internal static class SuiteJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Of(string suite, long seed, IReadOnlyList<ScenarioResult> results) => new JsonObject
    {
        ["suite"] = suite,
        ["seed"] = seed,
        ["scenarios"] = new JsonArray([.. results.Where(r => r.NotRunnable.Length == 0).Select(Scenario)]),
        ["notRunnable"] = new JsonArray([.. results.Where(r => r.NotRunnable.Length > 0).Select(r => new JsonObject { ["name"] = r.Scenario.Name, ["cause"] = r.NotRunnable })]),
    }.ToJsonString(Indented) + "\n";

    private static JsonNode Scenario(ScenarioResult result) => new JsonObject
    {
        ["name"] = result.Scenario.Name,
        ["survived"] = result.Survived,
        ["hashEqual"] = result.HashEqual,
        ["retrained"] = result.Retrained,
        ["recoverySeconds"] = result.RecoverySeconds,
        ["cause"] = result.Cause,
        ["nextEventSeconds"] = result.NextEventSeconds,
        ["asksSeconds"] = result.AsksSeconds,
        ["seconds"] = result.Seconds,
        ["struck"] = new JsonArray([.. result.Struck.Select(s => JsonValue.Create(s))]),
        ["leftOver"] = new JsonArray([.. result.LeftOver.Select(s => JsonValue.Create(s))]),
    };
}
