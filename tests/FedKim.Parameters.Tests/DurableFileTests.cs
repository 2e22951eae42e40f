namespace FedKim.Parameters.Tests;

public sealed class DurableFileTests
{
    [Fact]
    public void What_an_earlier_process_left_of_a_file_does_not_end_up_in_it()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.tmp"], "much longer than what is written");
        DurableFile.Write(folder["a"], "new"u8);
        Assert.Equal("new", File.ReadAllText(folder["a"]));
        Assert.Equal(["a"], folder.Names);
    }

    [Fact]
    public void A_file_that_somebody_writes_is_not_taken_from_him()
    {
        using var folder = new TemporaryFolder();
        using (var mine = DurableFile.Begin(folder["a.tmp"]))
        {
            mine.Write("mine"u8);
            Assert.Throws<IOException>(() => DurableFile.Begin(folder["a.tmp"]));
        }

        Assert.Equal("mine", File.ReadAllText(folder["a.tmp"]));
    }

    [Fact]
    public void A_secret_is_for_its_account_alone_whoever_left_a_file_of_its_name()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["key"], "");
        DurableFile.Begin(folder["key"], secret: true).Dispose();
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["key"]));
    }
}
