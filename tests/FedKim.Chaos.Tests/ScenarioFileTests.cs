using FedKim.Chaos.Scenarios;
using FedKim.Rounds;

namespace FedKim.Chaos.Tests;

public sealed class ScenarioFileTests
{
    [Fact]
    public void A_scenario_reads_as_it_is_told()
    {
        var scenario = Assert.Single(ScenarioFile.Parse("a.scenario", """
            # Comments say why.
            scenario a hospital comes back
              given a deadline of 6 s
              when round 1 is Training with 2 of 5 accepted, kill hospital-b, wait 10 s, start hospital-b
              expect round 1 Committed
              validate hashes
            """));

        Assert.Equal("a hospital comes back", scenario.Name);
        Assert.Equal(TimeSpan.FromSeconds(6), scenario.Setting.Deadline);
        Assert.Equal(
            ["when round 1 is Training with 2 of 5 accepted", "kill hospital-b", "wait 10 s", "start hospital-b", "expect round 1 Committed", "validate hashes"],
            scenario.Steps.Select(s => $"{s}"));
        Assert.Equal(new Steps.When(new Moments.RoundIs(1, Phase.Training, Accepted: 2, Of: 5)), scenario.Steps[0]);
    }

    [Fact]
    public void Every_example_is_read_and_printed_as_it_was_written() => Assert.All(ScenarioFile.Examples, example =>
    {
        bool given = example.StartsWith("given ", StringComparison.Ordinal);
        var scenario = Assert.Single(ScenarioFile.Parse("a.scenario", $"scenario x\n{example}\n{(given ? "validate hashes" : "")}"));

        Assert.Contains(example, $"{scenario}");
    });

    [Fact]
    public void What_a_suite_prints_can_be_read_again() => Assert.All(Suites.Of(Suites.Full, seed: 1), scenario =>
        Assert.Equal($"{scenario}", $"{Assert.Single(ScenarioFile.Parse("printed", $"{scenario}"))}"));

    [Fact]
    public void The_full_suite_strikes_at_least_a_hundred_times_and_the_quick_one_about_twenty()
    {
        var full = Suites.Of(Suites.Full, seed: 1);

        Assert.True(full.Length >= 100, $"{full.Length} scenarios");
        Assert.InRange(Suites.Of(Suites.Quick, seed: 1).Length, 20, 24);
        Assert.Equal(full.Length, full.Select(s => s.Name).Distinct().Count());
        Assert.All(Enumerable.Range(1, 11), e => Assert.Contains(full, s => s.Name == $"coordinator killed at event {e} of round 1"));
    }

    [Theory]
    [InlineData("bits")]
    [InlineData("time")]
    [InlineData("blame")]
    [InlineData("membership")]
    [InlineData("one-writer")]
    public void The_quick_suite_has_two_of_every_family_that_was_found_broken_once(string family)
    {
        var quick = Suites.Of(Suites.Quick, seed: 1).Select(s => s.Name).ToHashSet();
        var written = ScenarioFile.Read(Path.Combine(AppContext.BaseDirectory, "scenarios", $"{family}.scenario"));

        Assert.InRange(written.Count(s => quick.Contains(s.Name)), 2, written.Length);
    }

    [Theory]
    [InlineData(Suites.Incidents)]
    [InlineData(Suites.Hostile)]
    public void What_takes_long_or_is_not_chance_stands_apart(string suite) =>
        Assert.Empty(Suites.Of(suite, seed: 1).Select(s => s.Name).Intersect(Suites.Of(Suites.Full, seed: 1).Select(s => s.Name)));

    [Fact]
    public void The_hostile_suite_has_all_who_attack() => Assert.Equal(
        FedKim.Attackers.Campaign.Groups.Keys,
        Suites.Of(Suites.Hostile, seed: 1).SelectMany(s => s.Steps).OfType<Steps.Attack>().Select(s => s.Who).Order(StringComparer.Ordinal));

    [Fact]
    public void Several_nodes_are_named_at_once() =>
        Assert.Equal(new Steps.Kill("server and hospital-b and injector"), Assert.Single(ScenarioFile.Parse("a.scenario", "kill server and hospital-b and injector")).Steps[0]);

    [Theory]
    [InlineData("scenario x\nkil hospital-b", "a.scenario:2: \"kil\" begins no statement.")]
    [InlineData("scenario x\n\nkill", "a.scenario:3: \"kill\" is not understood. Write it as in: kill coordinator")]
    [InlineData("scenario x\nwhen round 1 is Learning", "a.scenario:2: \"when round 1 is Learning\": a round is never Learning; its phases are Opened,")]
    [InlineData("scenario x\nwait 3 parsecs", "a.scenario:2: \"wait 3 parsecs\": \"3 parsecs\" is no time; write ms, s, min or h. For example: wait 10 s")]
    [InlineData("scenario x\nkill injector\ngiven federation demo", "a.scenario:3: \"given federation demo\": what is given stands before everything that happens.")]
    [InlineData("scenario x\ngiven nodes on the moon\nkill injector", "a.scenario:2: \"given nodes on the moon\": \"on the moon\" is none of plain,")]
    [InlineData("\nscenario x\nscenario y\nkill injector", "a.scenario:2: scenario \"x\" does nothing.")]
    [InlineData("scenario x\nmeanwhile kill injector", "a.scenario:2: \"meanwhile kill injector\": \"kill injector\" does not last. For example: meanwhile lock the journal for 5 s")]
    [InlineData("scenario x\ndamage the kettle of server", "a.scenario:2: \"damage the kettle of server\" is not understood. Write it as in: damage the outbox of hospital-b")]
    [InlineData("scenario x\ngiven 65 hospitals\nkill server", "a.scenario:2: \"given 65 hospitals\": there are 1 to 64 hospitals. For example: given 3 hospitals")]
    [InlineData("# nothing", "a.scenario:1: there is no scenario.")]
    [InlineData("scenario x\nkill injector\nscenario x\nkill server", "a.scenario: 2 scenarios are called \"x\".")]
    public void What_cannot_be_read_is_named_with_its_place(string text, string problem) =>
        Assert.StartsWith(problem, Assert.Throws<ScenarioException>(() => ScenarioFile.Parse("a.scenario", text)).Message);

    [Fact]
    public void A_file_without_a_heading_is_one_scenario_of_its_name() =>
        Assert.Equal("the night shift", Assert.Single(ScenarioFile.Parse("/somewhere/the-night-shift.scenario", "kill everything, start everything")).Name);
}
