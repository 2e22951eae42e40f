using System.Net.Sockets;
using FedKim.Parameters;
using FedKim.Rounds;
using FedKim.Testing;

namespace FedKim.Transfer.Tests;

public sealed class WeightStoreTests
{
    [Fact]
    public void An_imported_file_stands_under_its_digest_without_a_second_copy()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["update"], "weights");
        var store = new WeightStore(folder["store"]);
        var file = new WeightFile(folder["update"], Plane.DigestOf("weights"u8));
        var digest = file.Digest;
        store.Import(file);
        Assert.Equal("weights", File.ReadAllText(store.PathOf(digest)));
        Assert.True(File.Exists(folder["update"]));
        store.Import(file);
        Assert.Equal([digest], store.List());
    }

    [Fact]
    public void What_is_deleted_is_gone_with_its_leftovers()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["update"], "weights");
        var store = new WeightStore(folder["store"]);
        var digest = Plane.DigestOf("weights"u8);
        store.Import(new WeightFile(folder["update"], digest));
        Plane.Leave(store, digest, [1]);
        store.Delete(digest);
        store.Delete(digest);
        Assert.False(store.Has(digest));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder["store"]));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_not_held_keeps_no_other_from_being_checked_and_makes_way_for_a_whole_one()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = [.. "weights"u8];
        Digest first = Plane.DigestOf(bytes), other = Plane.DigestOf("others"u8);
        Directory.CreateDirectory(folder["store"]);
        File.WriteAllText(Path.Combine(folder["store"], other.Hex), "other");
        // A socket is listed as a file is, and no account can open it.
        using var unreadable = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        unreadable.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder["store"], first.Hex)));
        var store = new WeightStore(folder["store"]);
        List<string> told = [];
        store.Health.Told = (what, _) => told.Add(what);

        store.CheckAll();

        Assert.Equal([first], store.List());
        Assert.False(store.Has(first));
        Assert.All(told, what => Assert.Contains("the weights folder cannot be used", what));
        Assert.NotEmpty(told);
        using (var incoming = await store.ReceiveAsync(first, TestContext.Current.CancellationToken))
        {
            // Nobody takes it for whole before it is.
            Assert.False(store.Has(first));
            bool sent = false;
            await incoming!.AppendAsync(buffer =>
            {
                if (!sent)
                    bytes.CopyTo(buffer);
                return ValueTask.FromResult(sent || !(sent = true) ? 0 : bytes.Length);
            });
            Assert.True(await incoming.CompleteAsync());
        }

        Assert.True(store.Has(first));
        Assert.Equal(bytes, File.ReadAllBytes(store.PathOf(first)));
    }

    [Fact]
    public void Only_whole_files_are_listed()
    {
        using var folder = new TemporaryFolder();
        var store = new WeightStore(folder["store"]);
        Plane.Leave(store, Plane.DigestOf([1]), [1]);
        File.WriteAllText(Path.Combine(folder["store"], "readme"), "");
        Assert.Empty(store.List());
    }

    [Theory]
    [InlineData("weights", true, true)]
    [InlineData("weigh", true, false)]
    [InlineData("", true, false)]
    [InlineData("weights", false, true)]
    [InlineData("weighty", false, false)]
    public void A_file_that_an_earlier_process_left_is_checked_before_it_is_used(string left, bool copies, bool whole)
    {
        using var folder = new TemporaryFolder();
        var digest = Plane.DigestOf("weights"u8);
        Directory.CreateDirectory(folder["store"]);
        File.WriteAllText(Path.Combine(folder["store"], digest.Hex), left);

        var store = new WeightStore(folder["store"], copies);

        Assert.Equal(whole, store.Has(digest));
        Assert.Equal(whole ? [digest] : [], store.List());
    }

    [Fact]
    public void What_comes_in_while_its_forerunner_is_cleared_away_stays()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["update"], "weights");
        var store = new WeightStore(folder["store"]);
        var file = new WeightFile(folder["update"], Plane.DigestOf("weights"u8));
        store.Import(file);

        var free = store.Discard([file.Digest]);
        Assert.False(store.Has(file.Digest));
        store.Import(file);
        free();

        Assert.True(store.Has(file.Digest));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder["store"]));
    }

    [Fact]
    public void What_was_not_cleared_away_before_a_crash_is_at_the_next_start()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["update"], "weights");
        var file = new WeightFile(folder["update"], Plane.DigestOf("weights"u8));
        var store = new WeightStore(folder["store"]);
        store.Import(file);
        store.Discard([file.Digest]);

        Assert.Empty(new WeightStore(folder["store"]).List());
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder["store"]));
    }
}
