namespace FedKim.Actors.Tests;

public sealed class ReasonTests
{
    [Theory]
    [InlineData("/srv/data/a.csv: line 7 is empty.", "(a path of the node): line 7 is empty.")]
    [InlineData("Access to the path '/var/lib/fedkim/weights' is denied.", "Access to the path '(a path of the node)' is denied.")]
    [InlineData("http://10.0.0.5:9200/ cannot be reached (Connection refused (10.0.0.5:9200)).", "http://10.0.0.5:9200/ cannot be reached (Connection refused (10.0.0.5:9200)).")]
    [InlineData("12 m/s and/or 3 / 4", "12 m/s and/or 3 / 4")]
    [InlineData(@"C:\data\x.csv is locked.", "(a path of the node) is locked.")]
    [InlineData("/srv/fed kim/work/a.bin: cut at byte 7.", "(a path of the node): cut at byte 7.")]
    [InlineData("'/data/Jane Doe.dcm' is no picture.", "'(a path of the node)' is no picture.")]
    [InlineData("/data/ward of Doe/x.dcm cannot be sent to http://10.0.0.5:9200/ now.", "(a path of the node) cannot be sent to http://10.0.0.5:9200/ now.")]
    [InlineData("the spool (/a/b) is full.", "the spool ((a path of the node)) is full.")]
    public void Paths_are_left_out_of_a_text_and_addresses_stay(string text, string expected) => Assert.Equal(expected, Reason.WithoutPaths(text));

    [Fact]
    public void What_nobody_knows_is_named_by_its_kind_alone() =>
        Assert.Equal("a fault that the node does not know (InvalidOperationException); its own log says more", Reason.Of(new InvalidOperationException("patient 4711"), "x"));

    [Fact]
    public async Task A_full_disk_is_told_as_what_it_is()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "This system has no device that is always full.");
        var full = await Assert.ThrowsAsync<IOException>(async () =>
        {
            await using var file = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0);
            file.Write([1]);
        });

        Assert.Equal("No space left in the server's spool; goes on when there is", Reason.Of(full, "the server's spool"));
    }
}
