using System.Collections.Immutable;
using FedKim.Actors.Hospital.Plans;
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
        Assert.Contains("leaves: each round, the trained parameters of decoder.opacity, encoder.image", lines);
    }

    [Fact]
    public void A_plan_that_this_version_cannot_read_is_said_to_be_one() => Assert.All(
        (string[])["no JSON", "[1]", "{}"],
        learning => Assert.Contains(PlanRows.Of(View with { Learning = learning }), row => row["text"].ToString().StartsWith("this version cannot read the plan", StringComparison.Ordinal)));

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

    private static string Learning() => new LearningPlan
    {
        Tasks =
        [
            new TaskPlan
            {
                Name = "opacity",
                Kind = TaskPlan.TrainingKind,
                Modalities = ["image"],
                Source = new TaskSource { Reader = "image-folder", Path = "xray", Label = "opacity", Csv = "list.csv", FileColumn = "name" },
                Prompt = "?",
                TaskDescription = "",
                ModalityDescription = "",
            },
        ],
        Encoders = ImmutableSortedDictionary.Create<string, EncoderPlan>(StringComparer.Ordinal).Add("image", new EncoderPlan { Name = "deit" }),
    }.ToJson();
}
