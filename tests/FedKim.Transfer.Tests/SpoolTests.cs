using System.Net;
using System.Runtime.InteropServices;
using CsCheck;
using FedKim.Parameters;
using FedKim.Rounds;
using FedKim.Testing;

namespace FedKim.Transfer.Tests;

public sealed class SpoolTests
{
    private const int Largest = 3_000_000;

    private static readonly RoundId Round = new(new FederationId("demo"), 3);

    private static readonly Gen<(int Length, long[] Cuts, int Seed)> CutTransfers =
        from length in Gen.Int[0, Largest]
        from cuts in Gen.Long[0, length + 2_000].Array[0, 4]
        from seed in Gen.Int[1, 1_000_000]
        select (length, cuts, seed);

    [Fact]
    public Task An_update_cut_anywhere_ends_whole_and_no_plain_byte_of_it_is_on_disk() => CutTransfers.SampleAsync(async transfer =>
    {
        await using var plane = await Plane.StartAsync();
        var spool = plane.Spool.Open(Round);
        byte[] bytes = Plane.Bytes(transfer.Length, transfer.Seed);
        var digest = plane.Put(plane.Site, bytes);
        using var client = plane.Client(transfer.Cuts);
        await client.SendAsync(Round, digest);
        Assert.True(spool.Has(digest));
        Assert.Equal(bytes, Plain(plane, digest));
        Assert.False(Holds(plane.SpoolFolder, bytes));
    }, iter: 25, threads: 1);

    [Fact]
    public async Task After_a_crash_between_bytes_the_update_goes_on_at_the_byte()
    {
        await using var plane = await Plane.StartAsync();
        plane.Spool.Open(Round);
        byte[] bytes = Plane.Bytes(Largest, 1);
        var digest = plane.Put(plane.Site, bytes);
        // Of what is under way when a line is cut, a server that has other things to do may have written nothing yet.
        for (int tries = 0; tries < 50 && plane.Spool.Open(Round).Arrived(digest) is null or 0; tries++)
        {
            using var cut = plane.Client(2_000_000, 0, 0, 0, 0, 0, 0, 0, 0);
            await Assert.ThrowsAsync<TransferException>(() => cut.SendAsync(Round, digest));
        }
        Assert.False(Holds(plane.SpoolFolder, bytes));

        await plane.RestartAsync();
        var spool = plane.Spool.Open(Round);
        long arrived = spool.Arrived(digest)!.Value;
        var progress = new Sent();
        using var client = plane.Client();
        await client.SendAsync(Round, digest, progress);

        Assert.InRange(arrived, 1, Largest - 1);
        Assert.All(progress.Values, value => Assert.InRange(value, arrived + 1, Largest));
        Assert.Equal(bytes, Plain(plane, digest));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Largest)]
    public async Task Wrong_bytes_under_an_updates_name_are_discarded_and_their_key_stream_with_them(int leftover)
    {
        await using var plane = await Plane.StartAsync();
        var spool = plane.Spool.Open(Round);
        byte[] bytes = Plane.Bytes(Largest, 1);
        var digest = plane.Put(plane.Site, bytes);
        string folder = Path.Combine(plane.SpoolFolder, "demo-3");
        using var http = new HttpClient { BaseAddress = plane.Server.Address };

        using var cut = new HttpRequestMessage(HttpMethod.Put, $"spool/{Round}/{digest}") { Content = new ByteArrayContent(new byte[leftover]) };
        using var wrong = await http.SendAsync(cut);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        Assert.False(spool.Has(digest));
        Assert.Empty(Directory.EnumerateFiles(folder, "*.part"));

        using var client = plane.Client();
        await client.SendAsync(Round, digest);
        Assert.Equal(bytes, Plain(plane, digest));
    }

    [Fact]
    public async Task Each_start_from_the_first_byte_has_a_key_stream_of_its_own()
    {
        using var folder = new TemporaryFolder();
        var store = new Spool(folder["spool"]).Open(Round).Receiving()!;
        var digest = Plane.DigestOf([1]);
        using var incoming = (await store.ReceiveAsync(digest, default))!;
        List<string> kept = [];
        for (int i = 0; i < 2; i++)
        {
            incoming.Restart();
            int left = 64;
            await incoming.AppendAsync(buffer =>
            {
                buffer.Span[..left].Clear();
                return ValueTask.FromResult((left, left = 0).Item1);
            });
            kept.Add(Convert.ToHexString(Written(store.PathOf(digest) + ".part")[SpoolCipher.SaltBytes..]));
        }

        Assert.NotEqual(kept[0], kept[1]);
    }

    [Fact]
    public async Task When_the_round_ends_its_key_and_updates_are_gone_and_none_are_taken()
    {
        await using var plane = await Plane.StartAsync();
        var spool = plane.Spool.Open(Round);
        var digest = plane.Put(plane.Site, Plane.Bytes(1000, 1));
        using var client = plane.Client();
        await client.SendAsync(Round, digest);

        plane.Spool.End(Round)();

        Assert.Empty(Directory.EnumerateFileSystemEntries(plane.SpoolFolder));
        Assert.False(spool.Has(digest));
        Assert.Contains("its round is over", Assert.Throws<IOException>(() => spool.Read(digest)).Message);
        using var http = new HttpClient { BaseAddress = plane.Server.Address };
        using var late = await http.PutAsync($"spool/{Round}/{digest}", new ByteArrayContent([1]));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, late.StatusCode);
        Assert.Equal("Round demo/3 is not open here; its updates are not taken.", await late.Content.ReadAsStringAsync());
        Assert.Empty(Directory.EnumerateFileSystemEntries(plane.SpoolFolder));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_its_key_an_update_counts_as_never_sent(bool overwritten)
    {
        await using var plane = await Plane.StartAsync();
        plane.Spool.Open(Round);
        byte[] bytes = Plane.Bytes(1000, 1);
        var digest = plane.Put(plane.Site, bytes);
        using var before = plane.Client();
        await before.SendAsync(Round, digest);
        string key = Path.Combine(plane.SpoolFolder, "demo-3", "key");
        // As a crash leaves it in the midst of the round's end.
        if (overwritten)
            File.WriteAllBytes(key, new byte[32]);
        else
            File.Delete(key);

        await plane.RestartAsync();
        var spool = plane.Spool.Open(Round);
        Assert.False(spool.Has(digest));
        Assert.Throws<IOException>(() => spool.Read(digest));
        using var client = plane.Client();
        await client.SendAsync(Round, digest);

        Assert.Equal(bytes, Plain(plane, digest));
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("zeros")]
    [InlineData("no note")]
    [InlineData("half a note")]
    [InlineData("another name")]
    [InlineData("no key")]
    public async Task What_a_power_cut_took_of_an_update_counts_as_never_sent(string took)
    {
        await using var plane = await Plane.StartAsync();
        plane.Spool.Open(Round);
        byte[] bytes = Plane.Bytes(Largest, 1);
        var (digest, other) = (plane.Put(plane.Site, bytes), plane.Put(plane.Site, Plane.Bytes(1000, 2)));
        using (var before = plane.Client())
        {
            await before.SendAsync(Round, digest);
            await before.SendAsync(Round, other);
        }

        string folder = Path.Combine(plane.SpoolFolder, "demo-3"), file = Path.Combine(folder, digest.Hex);
        switch (took)
        {
            case "cut":
                File.WriteAllBytes(file, File.ReadAllBytes(file)[..5000]);
                break;
            case "zeros":
                File.WriteAllBytes(file, new byte[Largest + SpoolCipher.SaltBytes]);
                break;
            case "no note":
                File.Delete(file + ".of");
                break;
            case "another name":
                File.WriteAllText(file + ".of", File.ReadAllText(file + ".of").Replace("- ", "hospital-b ", StringComparison.Ordinal));
                break;
            case "half a note":
                File.WriteAllText(file + ".of", "");
                break;
            default:
                File.Delete(Path.Combine(folder, "key"));
                break;
        }

        await plane.RestartAsync();
        List<Digest> lost = [];
        plane.Spool.CheckAll((_, update) => lost.Add(update));
        Assert.Equal(took == "no key" ? [] : [digest], lost);
        var spool = plane.Spool.Open(Round);
        Assert.False(spool.Has(digest));
        Assert.Equal(took != "no key", spool.Has(other));
        using var client = plane.Client();
        Assert.NotEqual(0, await client.SendAsync(Round, digest));
        Assert.True(spool.Has(digest));
        Assert.Equal(bytes, Plain(plane, digest));
    }

    [Fact]
    public async Task What_was_seen_of_an_updates_values_is_known_to_the_process_it_came_to()
    {
        await using var plane = await Plane.StartAsync();
        plane.Spool.Open(Round);
        using var folder = new TemporaryFolder();
        float[] values = [.. Enumerable.Range(0, 200_000).Select(i => i == 150_001 ? float.NaN : i)];
        var file = new WeightFile(folder["update"], SafetensorsWriter.Write(folder["update"], [TensorData.Of("a", DType.F32, [values.Length], MemoryMarshal.AsBytes<float>(values).ToArray())]));
        plane.Site.Import(file);
        using var client = plane.Client(300_000);
        await client.SendAsync(Round, file.Digest);

        Assert.Equal([KeyValuePair.Create("a", 150_001L)], plane.Spool.Open(Round).NonFinite(file.Digest)!);
        await plane.RestartAsync();
        Assert.True(plane.Spool.Open(Round).Has(file.Digest));
        Assert.Null(plane.Spool.Open(Round).NonFinite(file.Digest));
    }

    [Fact]
    public async Task What_rounds_that_ended_left_behind_goes_and_the_open_one_stays()
    {
        await using var plane = await Plane.StartAsync();
        var (ended, open) = (Round, new RoundId(Round.Federation, 4));
        var digest = plane.Put(plane.Site, Plane.Bytes(1000, 1));
        plane.Spool.Open(ended);
        plane.Spool.Open(open);
        using var client = plane.Client();
        await client.SendAsync(ended, digest);
        await client.SendAsync(open, digest);

        await plane.RestartAsync();
        var free = plane.Spool.EndAllBut([open]);
        var next = new RoundId(Round.Federation, 5);
        plane.Spool.Open(next).Receiving();
        free();

        Assert.Equal(["demo-4", "demo-5"], Directory.EnumerateDirectories(plane.SpoolFolder).Select(f => Path.GetFileName(f)).Order());
        Assert.True(plane.Spool.Open(open).Has(digest));
    }

    [Fact]
    public void The_key_is_for_this_account_alone()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TemporaryFolder();
        new Spool(folder["spool"]).Open(Round).Receiving();
        string round = Path.Combine(folder["spool"], "demo-3");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(round, "key")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(round));
    }

    [Fact]
    public async Task Nobody_is_given_an_update()
    {
        await using var plane = await Plane.StartAsync();
        plane.Spool.Open(Round);
        var digest = plane.Put(plane.Site, Plane.Bytes(1000, 1));
        using var client = plane.Client();
        await client.SendAsync(Round, digest);
        using var http = new HttpClient { BaseAddress = plane.Server.Address };
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await http.GetAsync($"spool/{Round}/{digest}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync($"weights/{digest}")).StatusCode);
    }

    [Fact]
    public async Task Tensors_are_read_through_the_cipher_as_from_the_plain_file()
    {
        await using var plane = await Plane.StartAsync();
        var spool = plane.Spool.Open(Round);
        using var folder = new TemporaryFolder();
        var file = new WeightFile(folder["update"], SafetensorsWriter.Write(
            folder["update"], [TensorData.Of("a", DType.U8, [100_003], Plane.Bytes(100_003, 1)), TensorData.Of("b", DType.U8, [7], Plane.Bytes(7, 2))]));
        plane.Site.Import(file);
        using var client = plane.Client();
        await client.SendAsync(Round, file.Digest);

        using var tensors = spool.Read(file.Digest);
        byte[] piece = new byte[50_001];
        tensors.Read(tensors.Tensors["a"], 33, piece);
        Assert.Equal(Plane.Bytes(100_003, 1)[33..50_034], piece);
        byte[] whole = new byte[7];
        tensors.Read(tensors.Tensors["b"], 0, whole);
        Assert.Equal(Plane.Bytes(7, 2), whole);
    }

    private static byte[] Plain(Plane plane, Digest digest)
    {
        string folder = Path.Combine(plane.SpoolFolder, "demo-3");
        using var source = SpooledBytes.Open(new WeightFile(Path.Combine(folder, digest.Hex), digest), RoundKey.Find(folder)!);
        byte[] bytes = new byte[source.Length];
        for (int at = 0; source.Read(bytes.AsSpan(at), at) is var read and > 0;)
            at += read;
        return bytes;
    }

    // Any 32 bytes in a row give an update away; short ones are found by chance.
    private static bool Holds(string folder, byte[] plain) => plain.Length >= 32
        && Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(Written).Any(bytes =>
            Enumerable.Range(0, (plain.Length / 100_000) + 1).Any(i => bytes.AsSpan().IndexOf(plain.AsSpan(Math.Min(i * 100_000, plain.Length - 32), 32)) >= 0));

    private static byte[] Written(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private sealed class Sent : IProgress<long>
    {
        internal List<long> Values { get; } = [];

        public void Report(long value) => Values.Add(value);
    }
}
