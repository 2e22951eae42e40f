using FedKim.Actors.Errands;
using FedKim.Data;
using FedKim.Learning;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

public sealed class SiteFaultTests
{
    private const int Errno = 28, MostErrno = 130;

    [Fact]
    public void Whatever_a_node_finds_wrong_with_its_files_has_a_sentence()
    {
        Exception[] faults =
        [
            new UnauthorizedAccessException("/srv/Doe"), new FileNotFoundException("/srv/Doe"), new DirectoryNotFoundException("/srv/Doe"),
            .. Enumerable.Range(1, MostErrno).Select(number => new IOException("/srv/Doe", number)),
        ];

        foreach (string place in (string[])["the site's work folder", "the injector's work folder"])
        {
            Assert.All(faults, fault => Assert.Equal(FileTrouble.Of(fault, place)!.Sentence, SiteFault.Of(fault, place).Text));
            Assert.Equal(SiteSentences.NoSpace.Say(place), SiteFault.Of(new IOException("/srv/Doe", Errno), place));
        }
    }

    [Fact]
    public void A_fault_of_data_is_told_without_the_file_and_the_cell()
    {
        var data = new DataException("/srv/ward 7/xray/labels.csv", "line 7: label is 'maybe', expected 0 or 1");

        Assert.Equal(SiteSentences.SomeData.Say(), SiteFault.Of(data, "the site's work folder"));
        Assert.Equal(SiteSentences.Data.Say("pneumonia"), SiteFault.Of(new LearningException(data.Message, data, SiteSentences.Data.Say("pneumonia")), "the site's work folder"));
        Assert.Equal(SiteSentences.Other.Say(), SiteFault.Of(new LearningException(data.Message, data), "the site's work folder"));
    }

    [Fact]
    public void A_name_that_a_node_does_not_know_is_told_without_those_that_it_knows() => Assert.Equal(
        SiteSentences.UnknownName.Say("strategy", "of-a-package"), SiteFault.Of(new UnknownNameException("strategy", "of-a-package", ["of-this-hospital"]), "x"));

    [Fact]
    public void An_order_gives_every_name_of_its_plan_and_none_where_that_is_no_plan()
    {
        Assert.Superset(new HashSet<string> { "pneumonia", "image", "http://a/" }, OrderNames.Of("""{ "tasks": [{ "name": "pneumonia", "modalities": ["image"] }] }""", "http://a/").ToHashSet());
        Assert.Equal(["http://a/"], OrderNames.Of("{", "http://a/"));
    }
}
