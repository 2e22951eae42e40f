using CsCheck;
using FedKim.Testing;

namespace FedKim.Rounds.Tests;

public sealed class SiteReasonTests
{
    [Fact]
    public void What_a_site_says_is_read_as_what_it_said()
    {
        SiteReason[] said =
        [
            SiteSentences.Data.Say("pneumonia"),
            SiteSentences.LossPoisoned.Say("ecg-abnormal", 1200),
            SiteSentences.UnknownName.Say("encoder", "of-a-package"),
            SiteSentences.Unreachable.Say(new Uri("http://10.0.0.5:9200"), "connection refused"),
            SiteSentences.ModelUnfit.Say("encoder.image.blocks.0.norm1.weight"),
            SiteSentences.Other.Say(),
        ];

        Assert.All(said, reason => Assert.Equal(reason, SiteReason.Read(reason.Text)));
        Assert.All(said[..^1], reason => Assert.NotEqual(SiteSentences.Other.Say(), reason));
    }

    [Theory]
    [InlineData("Jane Doe")]
    [InlineData("images/4711.png")]
    [InlineData("a\nb")]
    [InlineData("")]
    [InlineData("a: its data cannot be used; b")]
    public void What_is_no_name_has_no_place_in_a_sentence(string cell) =>
        Assert.Equal(SiteSentences.Other.Say(), SiteSentences.Data.Say(cell));

    [Fact]
    public void A_name_that_the_order_did_not_give_does_not_leave_the_site()
    {
        HashSet<string> told = ["pneumonia", "image"];

        Assert.Equal(SiteSentences.NoModality.Say("pneumonia", "image"), SiteSentences.NoModality.Say("pneumonia", "image").Within(told));
        Assert.Equal(SiteSentences.Other.Say(), SiteSentences.NoModality.Say("pneumonia", "patient-4711").Within(told));
        Assert.Equal(SiteSentences.Other.Say(), SiteSentences.Answered.Say(new Uri("http://10.0.0.5:9200"), 404).Within(told));
    }

    [Fact]
    public void Whatever_else_arrives_is_read_as_the_one_sentence_for_it() => Gen.String.Sample(said =>
    {
        string data = SiteSentences.Data.Say("a").Text;
        foreach (string text in (string[])[said, data + said + "!", said + " " + data, data + "\n", data.Replace("task a", $"task {said} b", StringComparison.Ordinal), new string('a', 5_000)])
        {
            string read = SiteReason.Read(text).Text;
            Assert.Equal(SiteSentences.Other.Say().Text, read);
        }
    });

    [Fact]
    public void The_page_of_what_leaves_a_site_has_every_sentence_and_no_other()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "explanation", "what-leaves-a-site.md"));
        string[] listed = [.. page.Split('\n').Where(line => line.StartsWith("- ", StringComparison.Ordinal)).Select(line => line[2..])];

        Assert.Equal(SiteSentences.All.Select(sentence => sentence.Template).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_sentence_is_in_the_list_and_none_twice()
    {
        Assert.True(SiteSentences.All.Length > 30);
        Assert.Equal(SiteSentences.All.Length, SiteSentences.All.Distinct().Count());
        Assert.Equal(SiteSentences.Other.Say(), SiteReason.Read(null));
    }
}
