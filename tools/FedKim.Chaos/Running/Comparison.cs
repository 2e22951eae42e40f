using System.Text.Json.Nodes;

namespace FedKim.Chaos.Running;

/// <summary>Compares the report of a disturbed run with that of an undisturbed one.</summary>
internal static class Comparison
{
    private static readonly string[] Digests = ["aggregateSha256", "globalSha256", "adapterSha256"];

    /// <summary>The first digest or contribution that differs, in words; empty when none does.</summary>
    public static string Difference(JsonNode expected, JsonNode report)
    {
        foreach (var (wanted, found) in expected["rounds"]!.AsArray().Zip(report["rounds"]!.AsArray()))
        {
            if (!JsonNode.DeepEquals(wanted!["accepted"], found!["accepted"]))
                return $"Round {found["number"]} accepted {Names(found)}, an undisturbed one {Names(wanted)}{(Names(found) == Names(wanted) ? " with other updates" : "")}.";
            foreach (string digest in Digests.Where(d => (string?)wanted[d] != (string?)found[d]))
                return $"Round {found["number"]}: {digest} is {(string?)found[digest] ?? "not there"}, undisturbed {(string?)wanted[digest]}.";
        }

        return JsonNode.DeepEquals(expected["result"], report["result"])
            ? ""
            : $"The result is {report["result"]?.ToJsonString()}, undisturbed {expected["result"]?.ToJsonString()}.";
    }

    private static string Names(JsonNode round) => string.Join(", ", round["accepted"]!.AsArray().Select(a => (string?)a!["client"]));
}
