namespace FedKim.Data.Tests;

public sealed class LinkTests : IDisposable
{
    private const string Told = "leads out of the data folder";

    private static readonly TaskSource Pictures = new() { Reader = "image-folder", Path = "set", ImageSize = 8 };

    private readonly MadeFolder _folder = new();

    public LinkTests()
    {
        _folder.Text("site/set/labels.csv", "file,patient,label", "1.png,a,0", "2.png,b,1");
        _folder.Picture("site/set/1.png", 1);
        _folder.Picture("site/set/2.png", 2);
        _folder.Picture("site/store/3.png", 3);
        _folder.Picture("elsewhere/4.png", 4);
    }

    private string Site => _folder.At("site");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../../elsewhere/4.png")]
    [InlineData("../../../../../../../../../../../etc/passwd")]
    [InlineData("../chain/4.png")]
    public void A_link_that_leads_out_is_not_opened_and_told_by_its_file(string target)
    {
        // A folder that is a link, and whose .. is another than the one it lies in.
        Directory.CreateSymbolicLink(_folder.At("site/hop"), "../elsewhere");
        Directory.CreateSymbolicLink(_folder.At("site/chain"), "hop");
        File.Delete(_folder.At("site/set/1.png"));
        File.CreateSymbolicLink(_folder.At("site/set/1.png"), target);

        var error = Assert.Throws<DataException>(() => DataSet.Read(Pictures, Site));

        Assert.Equal(_folder.At("site/set/1.png"), error.File);
        Assert.Contains(Told, error.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("labels.csv")]
    [InlineData("")]
    public void Neither_a_list_nor_a_whole_data_set_is_read_through_a_link_that_leads_out(string name)
    {
        string outside = _folder.At("site-of-others"), link = _folder.At($"site/set/{name}").TrimEnd('/');
        Directory.Move(_folder.At("site/set"), outside);
        if (name.Length == 0)
        {
            Directory.CreateSymbolicLink(link, outside);
        }
        else
        {
            Directory.CreateDirectory(_folder.At("site/set"));
            File.CreateSymbolicLink(link, Path.Combine(outside, name));
        }

        Assert.Contains(Told, Assert.Throws<DataException>(() => DataSet.Read(Pictures, Site)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_link_is_left_out_as_any_bad_sample_is_where_the_plan_says_so()
    {
        File.Delete(_folder.At("site/set/1.png"));
        File.CreateSymbolicLink(_folder.At("site/set/1.png"), "/etc/passwd");

        var read = DataSet.Read(Pictures with { OnBadSample = BadSample.Skip }, Site)!;

        Assert.Equal("2.png", Assert.Single(read.Samples).Id);
        Assert.Contains(Told, Assert.Single(read.LeftOut).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_from_within_to_within_are_followed_and_so_is_a_data_folder_that_is_one()
    {
        File.Delete(_folder.At("site/set/1.png"));
        Directory.CreateSymbolicLink(_folder.At("site/also"), "set/../store");
        File.CreateSymbolicLink(_folder.At("site/set/1.png"), "../also/3.png");
        Directory.CreateSymbolicLink(_folder.At("named"), "site");
        // As a person writes the data folder itself.
        File.Delete(_folder.At("site/set/2.png"));
        File.CreateSymbolicLink(_folder.At("site/set/2.png"), _folder.At("named/store/3.png"));
        _folder.Text("site/set/labels.csv", "file,patient,label", "1.png,a,0");

        Assert.Single(DataSet.Read(Pictures, Site)!.Samples);
        Assert.Single(DataSet.Read(Pictures, _folder.At("named"))!.Samples);
        _folder.Text("site/set/labels.csv", "file,patient,label", "2.png,a,0");
        Assert.Single(DataSet.Read(Pictures, _folder.At("named"))!.Samples);
    }

    [Fact]
    public void Links_that_go_round_are_an_error_that_names_the_file()
    {
        File.Delete(_folder.At("site/set/1.png"));
        File.CreateSymbolicLink(_folder.At("site/set/1.png"), "1.png");

        Assert.Contains("in a circle", Assert.Throws<DataException>(() => DataSet.Read(Pictures, Site)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_split_may_share_with_another_of_its_data_folder()
    {
        Directory.Move(_folder.At("site/set"), _folder.At("site/store/set"));
        Directory.CreateDirectory(_folder.At("site/test"));
        Directory.CreateSymbolicLink(_folder.At("site/test/set"), "../store/set");

        Assert.Equal(2, DataSet.Read(Pictures, _folder.At("site/test"), Site)!.Samples.Length);
        Assert.Throws<DataException>(() => DataSet.Read(Pictures, _folder.At("site/test")));
    }
}
