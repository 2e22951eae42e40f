using System.Text.Json.Nodes;
using FedKim.Chaos.Results;
using FedKim.Chaos.Scenarios;

namespace FedKim.Chaos.Tests;

public sealed class RandomStrikesTests
{
    private static readonly Scenario[] Many = [.. Enumerable.Range(0, 60).Select(new RandomStrikes(7, postgres: true).Of)];

    [Fact]
    public void The_same_seed_strikes_the_same_way_and_another_one_does_not()
    {
        Assert.Equal(Many.Select(s => $"{s}"), Enumerable.Range(0, 60).Select(new RandomStrikes(7, postgres: true).Of).Select(s => $"{s}"));
        Assert.NotEqual($"{Many[0]}", $"{new RandomStrikes(8, postgres: true).Of(0)}");
    }

    [Fact]
    public void What_was_struck_can_be_read_again_as_a_scenario() =>
        Assert.All(Many, s => Assert.Equal($"{s}", $"{Assert.Single(ScenarioFile.Parse("printed", $"{s}"))}"));

    [Fact]
    public void One_two_and_three_servers_are_struck_over_either_kind_of_journal()
    {
        Assert.Equal([1, 2, 3], Many.Select(s => s.Setting.Servers).Distinct().Order());
        Assert.Equal([Setting.Postgres, Setting.Sqlite], Many.Select(s => s.Setting.Journal).Distinct().Order(StringComparer.Ordinal));
        Assert.All(Enumerable.Range(0, 60).Select(new RandomStrikes(7, postgres: false).Of), s => Assert.Equal(Setting.Sqlite, s.Setting.Journal));
    }

    [Fact]
    public void Servers_and_the_injector_freeze_for_longer_than_a_deadline_and_hospitals_then_do_not()
    {
        var tight = Many.Where(s => s.Setting.Deadline is not null).ToList();
        var freezes = tight.SelectMany(s => s.Steps.OfType<Steps.Meanwhile>().Select(m => (m.Step.Node, Beyond: m.Step.Time > s.Setting.Deadline))).ToList();

        Assert.Contains(freezes, f => f.Beyond);
        Assert.DoesNotContain(freezes, f => f.Beyond && f.Node.StartsWith("hospital", StringComparison.Ordinal));
        Assert.DoesNotContain(tight.SelectMany(s => s.Steps).OfType<Steps.Kill>(), k => k.Node.Contains("hospital", StringComparison.Ordinal));
    }

    [Fact]
    public void Whoever_is_killed_or_stopped_is_started_again() => Assert.All(Many, s => Assert.Equal(
        s.Steps.SelectMany(step => step switch { Steps.Kill k => k.Node.Split(" and "), Steps.Terminate t => t.Node.Split(" and "), _ => [] }).Order(StringComparer.Ordinal),
        s.Steps.OfType<Steps.Start>().SelectMany(step => step.Nodes).Order(StringComparer.Ordinal)));

    [Fact]
    public void The_tally_counts_the_strikes_that_met_somebody_and_says_one_hash_only_when_there_was_one()
    {
        var scenario = ScenarioFile.Parse("x", "kill server and injector, meanwhile freeze hospital-a and hospital-b for 2 s, terminate hospital-c, start server")[0];
        var good = new ScenarioResult(scenario) { Survived = true, HashEqual = true, Strikes = new StrikeCounts(Kills: 2, Freezes: 1, Stops: 1, InVain: 1) };
        // Its cluster did not start: what was planned was not done.
        var nothing = new ScenarioResult(scenario);
        var tally = new RandomTally(7, 20, [good, good with { HashEqual = false, Retrained = 2, LeftOver = ["server/weights/1.part"] }, nothing]);

        var json = JsonNode.Parse(tally.Json())!.AsObject();
        Assert.Equal(["suite", "seed", "minutes", "kills", "freezes", "stops", "federations", "mismatches", "retrained", "leftOver"], json.Select(f => f.Key));
        Assert.Equal(("random", 4, 2, 2, 3, 2, 2, 1), ((string)json["suite"]!, (int)json["kills"]!, (int)json["freezes"]!, (int)json["stops"]!,
            (int)json["federations"]!, (int)json["mismatches"]!, (int)json["retrained"]!, (int)json["leftOver"]!));
        Assert.StartsWith("2 kills, 1 freezes, 1 stops, one hash", $"{new RandomTally(7, 20, [good])}");
        Assert.Contains("1 more strikes met nobody at work", $"{new RandomTally(7, 20, [good])}");
        Assert.DoesNotContain("one hash", $"{tally}");
    }
}
