using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedKim.Chaos.Scenarios;

namespace FedKim.Chaos.Results;

/// <summary>What came of federations that were struck at random.</summary>
internal sealed record RandomTally(long Seed, double Minutes, IReadOnlyList<ScenarioResult> Results)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public int Kills => Results.Sum(r => r.Strikes.Kills);

    public int Stops => Results.Sum(r => r.Strikes.Stops);

    public int Freezes => Results.Sum(r => r.Strikes.Freezes);

    /// <summary>Strikes on nodes that did not run, or after the federation's end.</summary>
    public int InVain => Results.Sum(r => r.Strikes.InVain);

    /// <summary>Federations that did not end with the undisturbed result, or lost a node.</summary>
    public int Mismatches => Results.Count(r => !r.Survived || !r.HashEqual);

    public int Retrained => Results.Sum(r => r.Retrained);

    public int LeftOver => Results.Sum(r => r.LeftOver.Length);

    public bool IsGood => Results.Count > 0 && Results.All(r => r.IsGood);

    public string Json() => new JsonObject
    {
        ["suite"] = Suites.Random,
        ["seed"] = Seed,
        ["minutes"] = Minutes,
        ["kills"] = Kills,
        ["freezes"] = Freezes,
        ["stops"] = Stops,
        ["federations"] = Results.Count,
        ["mismatches"] = Mismatches,
        ["retrained"] = Retrained,
        ["leftOver"] = LeftOver,
    }.ToJsonString(Indented) + "\n";

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Kills} kills, {Freezes} freezes, {Stops} stops, {(Mismatches == 0 ? "one hash" : $"{Mismatches} of {Results.Count} federations with another result or none, or a node lost")} ({Results.Count} federations, {Retrained} contributions made again, {LeftOver} left over; {InVain} more strikes met nobody at work)");
}
