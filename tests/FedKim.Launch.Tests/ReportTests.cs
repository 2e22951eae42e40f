using System.Collections.Immutable;
using System.Text.Json;
using FedKim.Launch.Reports;
using FedKim.Protocol.Messages;

namespace FedKim.Launch.Tests;

public sealed class ReportTests
{
    private const string Evaluation = """
        [{"task":"x","kind":"training","method":"fedkim","n":9,"accuracy":0.75,"precision":0.5,"recall":1,"f1":0.25,"auroc":null,"bleu":null,"unparsed":0,"low":null,"high":null,"trivial":{"always-no":{"accuracy":0.5,"precision":0,"recall":0,"f1":0,"bleu":null,"exactMatch":null}},"greedy":null,"bleus":null,"exactMatch":null}]
        """;

    private static readonly FederationView Federation = new("demo", "Completed", 7, "fedavg", "fedkim", 1, 1, 0, ["a", "b"], 1, "g", "", "", "server", 1);

    private static readonly RoundView Round = new(
        1, "Committed", "", ["a", "b"], 1, 1, 1, [new AcceptedView("a", "d", 10, 0.5)], [new DroppedView("b", "too late")], [new DroppedView("c", "not drawn")],
        "s", "g", "", double.NaN, 0, [new PhaseTime("Training", 7)], Result: "committed with 1 of 2 sites");

    [Fact]
    public void The_names_and_their_order_are_those_that_others_read() => Assert.Equal(
        $$$"""
        {"federation":"demo","phase":"Completed","cause":null,"seed":7,"strategy":"fedavg","method":"fedkim","rounds":[
        {"number":1,"outcome":"committed","cause":null,"result":"committed with 1 of 2 sites","participants":["a","b"],
        "accepted":[{"client":"a","digest":"d","samples":10}],"dropped":[{"client":"b","reason":"too late"}],"leftOut":[{"client":"c","reason":"not drawn"}],
        "aggregateSha256":"s","globalSha256":"g","adapterSha256":null,"injectionLoss":null,
        "openedAt":"1970-01-01T00:00:00.0000000\u002B00:00","phaseMilliseconds":{"training":7}}],
        "result":{"globalSha256":"g","adapterSha256":null},"evaluation":{{{Evaluation}}}}
        """.ReplaceLineEndings(""),
        FederationReport.Of(Federation, [Round], Evaluation).ToJson());

    [Fact]
    public void How_the_experts_are_weighed_stands_in_a_list_of_its_own()
    {
        const string Routing = """{"task":"x","alpha":[0.75,0.25],"alphaStart":[0.5,0.5],"effectiveExperts":1.75,"other":"y","auroc":0.9,"aurocUniform":0.8,"aurocOther":null}""";
        string measured = Evaluation.Replace("\"exactMatch\":null}]", $"\"exactMatch\":null,\"routing\":{Routing}}}]", StringComparison.Ordinal);

        string report = FederationReport.Of(Federation, [], measured).ToJson();

        Assert.EndsWith($"\"evaluation\":{Evaluation},\"routing\":[{Routing}]}}", report, StringComparison.Ordinal);
        Assert.Equal(report, Report.Parse(report).ToJson());
    }

    [Fact]
    public void What_is_written_is_read_back_the_same()
    {
        var report = FederationReport.Of(Federation, [Round], Evaluation) with { Processes = [new ReportedProcess("server", "server", 4711, 12.5)] };

        Assert.Equal(report.ToFile(), Report.Parse(report.ToFile()).ToFile());
        Assert.EndsWith("""
              "processes": [
                {
                  "role": "server",
                  "site": "server",
                  "pid": 4711,
                  "peakRssMiB": 12.5
                }
              ]
            }

            """, report.ToFile());
    }

    [Fact]
    public void Where_no_server_could_be_asked_only_what_is_known_is_said() => Assert.Equal(
        """{"federation":"demo","phase":"Failed","cause":"lost","rounds":[],"evaluation":[]}""",
        new Report { Federation = "demo", Phase = "Failed", Cause = "lost", Evaluation = ImmutableArray<Learning.TaskEvaluation>.Empty }.ToJson());

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{ \"rounds\":")]
    [InlineData("{}")]
    [InlineData("""{ "phase": "Completed", "evaluation": [{ "task": "x" }] }""")]
    [InlineData("""{ "phase": null, "evaluation": [] }""")]
    [InlineData("""{ "phase": "Completed", "evaluation": [], "rounds": [{ "number": 1 }] }""")]
    [InlineData("""{ "phase": "Completed", "evaluation": [], "routing": [null] }""")]
    [InlineData("""{ "phase": "Completed", "evaluation": [], "routing": [{ "task": "x" }] }""")]
    [InlineData("""{ "phase": "Completed", "evaluation": [], "routing": [{ "task": "x", "alpha": [1] }, { "task": "x", "alpha": [1] }] }""")]
    public void What_is_no_report_is_refused(string text) => Assert.ThrowsAny<JsonException>(() => Report.Parse(text));
}
