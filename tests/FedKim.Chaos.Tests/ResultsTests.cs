using System.Text.Json.Nodes;
using System.Xml.Linq;
using FedKim.Chaos.Results;
using FedKim.Chaos.Scenarios;

namespace FedKim.Chaos.Tests;

public sealed class ResultsTests
{
    private static readonly Scenario Scenario = new("a <hospital> & a | pipe", new Setting(), [new Steps.ValidateHashes()]);

    private static readonly ScenarioResult Good = new(Scenario)
    {
        Survived = true,
        HashEqual = true,
        RecoverySeconds = 1.25,
        Struck = ["kill hospital-b at round 1: Training, 2 accepted, 4 events"],
        Timeline = new Timeline(
            [new Span("Training", "round 1", 0.5, 2), new Span("fault", "kill hospital-b", 1, 1.5)],
            [new Mark("fault", "kill hospital-b", 1), new Mark("start", "start hospital-b", 1.5), new Mark("recovered", "recovered", 2.75), new Mark("event", "round 1: r.train", 0.5)]),
    };

    private static readonly ScenarioResult Skipped = new(Scenario with { Name = "needs more" }) { NotRunnable = "libfaketime is not installed." };

    [Fact]
    public void The_json_has_the_shape_that_others_read()
    {
        var json = JsonNode.Parse(SuiteJson.Of("quick", 7, [Good, Skipped]))!;

        Assert.Equal(("quick", 7), ((string)json["suite"]!, (int)json["seed"]!));
        var scenario = Assert.Single(json["scenarios"]!.AsArray())!;
        Assert.Equal(["name", "survived", "hashEqual", "retrained", "recoverySeconds", "cause"], scenario.AsObject().Select(f => f.Key).Take(6));
        Assert.Equal(1.25, (double)scenario["recoverySeconds"]!);
        Assert.Equal("needs more", (string)Assert.Single(json["notRunnable"]!.AsArray())!["name"]!);
    }

    [Theory]
    [InlineData(false, true, 0)]
    [InlineData(true, false, 0)]
    [InlineData(true, true, 1)]
    public void A_promise_that_is_not_kept_is_not_good(bool survived, bool equal, int retrained) =>
        Assert.False((Good with { Survived = survived, HashEqual = equal, Retrained = retrained }).IsGood);

    [Fact]
    public void What_is_left_over_is_not_good() => Assert.False((Good with { LeftOver = ["server/weights/1.part"] }).IsGood);

    [Fact]
    public void The_timeline_is_drawn_with_its_phases_faults_and_recoveries()
    {
        XNamespace svg = "http://www.w3.org/2000/svg";
        var drawing = XDocument.Parse(TimelineDrawing.Of([Good, Skipped]));

        string[] titles = [.. drawing.Descendants(svg + "title").Select(t => t.Value)];
        Assert.Contains("Training: round 1, 0.50 to 2.00 s", titles);
        Assert.Contains("start hospital-b, 1.50 s", titles);
        Assert.Contains(drawing.Descendants(svg + "text"), t => t.Value == "a <hospital> & a | pipe, recovered in 1.25 s");
    }

    [Fact]
    public void The_table_has_a_line_for_every_scenario()
    {
        string text = SuiteMarkdown.Of("quick", 7, [Good, Skipped]);

        Assert.Contains("| a <hospital> & a \\| pipe | kill hospital-b at round 1: Training, 2 accepted, 4 events | yes | yes | 0 | 1.25 |", text);
        Assert.Contains("not runnable here: libfaketime is not installed.", text);
    }
}
