using System.Text.Json.Nodes;

namespace FedKim.Cluster.Tests;

/// <summary>A rehearsal that takes long enough in each phase to be struck in it, and how it ends in peace.</summary>
internal static class Rehearsal
{
    private static readonly Lazy<Task<JsonNode>> Once = new(async () =>
    {
        await using var federation = RunningFederation.Start(Arguments);
        return await federation.End();
    });

    /// <summary>Three hospitals, two rounds.</summary>
    public static string[] Arguments => ["--federation", RunningFederation.File("rehearsal.conf"), "--hospitals", "3", "--rounds", "2", "--seed", "5"];

    /// <summary>The report of an undisturbed one; run once for all tests. Neither a deadline nor a quorum changes what is computed.</summary>
    public static Task<JsonNode> Undisturbed => Once.Value;
}
