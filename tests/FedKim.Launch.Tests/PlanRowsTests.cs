using System.Collections.Immutable;
using System.Text.Json.Nodes;
using FedKim.Actors.Hospital.Plans;
using FedKim.Commands.Client;
using FedKim.Data;
using FedKim.Launch.Answers;
using FedKim.Learning;

namespace FedKim.Launch.Tests;

/// <summary>What a site's people read of a plan before they say their word.</summary>
public sealed class PlanRowsTests
{
    private static readonly PlanView View = new(
        "demo", new string('a', 64), PlanVerdict.Wait, PlanWord.None, new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero), "https://server:9101/", null, "", 7,
        "fedavg", Learning());

    [Fact]
    public void It_names_every_file_and_column_that_is_read_and_all_that_leaves()
    {
        string[] lines = [.. PlanRows.Of(View).Select(row => $"{row["what"]}: {row["text"]}")];

        Assert.Contains("state: waits for this site's word", lines);
        Assert.Contains("asked by: https://server:9101/, first at 2030-01-02 03:04:05Z", lines);
        string reads = Assert.Single(lines, line => line.StartsWith("reads: ", StringComparison.Ordinal));
        Assert.StartsWith("reads: task opacity (image) by image-folder: ", reads, StringComparison.Ordinal);
        Assert.Contains("path = xray; label = opacity; csv = list.csv; file-column = name; patient-column = patient", reads, StringComparison.Ordinal);
        // The server's alone to read.
        Assert.DoesNotContain("sex", string.Concat(lines), StringComparison.Ordinal);
        Assert.Contains("leaves: each round, the trained parameters of decoder.opacity, encoder.image", lines);
    }

    [Fact]
    public void It_names_what_stays_here()
    {
        var plan = LearningPlan.Parse(View.Learning) with { LocalTensors = ["*.norm", "decoder.opacity"], Personal = new PersonalPlan { Steps = 7 } };
        string[] lines = [.. PlanRows.Of(View with { Learning = plan.ToJson() }).Select(row => $"{row["what"]}: {row["text"]}")];

        Assert.Contains("leaves: each round, the trained parameters of encoder.image, without those called \"*.norm\", decoder.opacity, which stay here", lines);
        Assert.Contains("trains: each round 7 steps of a model of this site's own, which stays here: lambda 0.1, learning rate 0.01", lines);
    }

    [Fact]
    public void A_plan_that_this_version_cannot_read_is_said_to_be_one() => Assert.All(
        (string[])["no JSON", "[1]", "{}", "null", """{"Tasks":[null],"Encoders":{}}""", Broken("source"), Broken("variables"), Broken("prompt"), Broken("modalities"), Broken("answers")],
        learning =>
        {
            Assert.Contains(PlanRows.Of(View with { Learning = learning }), row => row["text"].ToString().StartsWith("this version cannot read the plan", StringComparison.Ordinal));
            Assert.Equal("", PlanRows.Row(View with { Learning = learning })["tasks"].ToString());
        });

    [Fact]
    public void It_says_how_is_trained_what_is_asked_and_ends_with_the_line_that_approves_exactly_it()
    {
        var rows = PlanRows.Of(View);
        string[] lines = [.. rows.Select(row => $"{row["what"]}: {row["text"]}")];

        Assert.Contains(lines, line => line.StartsWith("trains: each round 2 epochs in steps of 32 samples a task", StringComparison.Ordinal) && line.Contains("learning rate 0.0001", StringComparison.Ordinal));
        Assert.Contains("trains: encoder image: deit, width 32, depth 2, heads 4, patch 8, tokens 4", lines);
        Assert.Contains("asks: task opacity: \"?\", with the answers \"Answer: No\", \"Answer: Yes\"", lines);
        Assert.Contains(lines, line => line.Contains("what its clock shows, a name of its work folder, a print of the packages loaded", StringComparison.Ordinal));
        Assert.Equal($"approve: pbm plan approve --plan {View.Digest}", lines[^1]);
        Assert.Contains("\"learning\":", PlanRows.Whole(View), StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_of_a_plan_is_taken_for_a_field_of_ours()
    {
        var forged = View with { Learning = Learning("lungs | approved; path = /etc\nleaves: nothing", "a\"b") };

        string reads = PlanRows.Of(forged).Single(row => row["what"].ToString() == "reads")["text"].ToString();
        string list = AnswerWriter.Text(PlanRows.Row(forged));

        Assert.StartsWith("task \"lungs | approved; path = /etc\nleaves: nothing\" (image) by image-folder: ", reads, StringComparison.Ordinal);
        Assert.Contains("path = \"a\\\"b\";", reads, StringComparison.Ordinal);
        Assert.Equal(7, list.Split(" | ").Length);
        Assert.True(PlanRows.Row(View with { Learning = Learning(new string('x', 500), "xray") })["tasks"].ToString().Length <= 81);
    }

    [Theory]
    [InlineData(PlanVerdict.Train, PlanWord.None, "trained for, as this node's file says")]
    [InlineData(PlanVerdict.Train, PlanWord.Approved, "approved")]
    [InlineData(PlanVerdict.Refuse, PlanWord.Refused, "refused")]
    [InlineData(PlanVerdict.Refuse, PlanWord.None, "refused, as this node's file says")]
    public void The_list_says_what_becomes_of_it(PlanVerdict verdict, PlanWord word, string state)
    {
        var row = PlanRows.Row(View with { Verdict = verdict, Word = word });

        Assert.Equal((state, "opacity"), (row["state"].ToString(), row["tasks"].ToString()));
    }

    private static string Broken(string key)
    {
        var plan = JsonNode.Parse(Learning())!;
        var task = plan["tasks"]![0]!.AsObject();
        (key == "variables" ? task["source"]!.AsObject() : task)[key] = null;
        return plan.ToJsonString();
    }

    private static string Learning(string task = "opacity", string path = "xray") => new LearningPlan
    {
        Tasks =
        [
            new TaskPlan
            {
                Name = task,
                Kind = TaskPlan.TrainingKind,
                Modalities = ["image"],
                Source = new TaskSource { Reader = "image-folder", Path = path, Label = "opacity", Csv = "list.csv", FileColumn = "name", GroupColumn = "sex" },
                Prompt = "?",
                TaskDescription = "",
                ModalityDescription = "",
            },
        ],
        Encoders = ImmutableSortedDictionary.Create<string, EncoderPlan>(StringComparer.Ordinal).Add("image", new EncoderPlan { Name = "deit" }),
    }.ToJson();
}
