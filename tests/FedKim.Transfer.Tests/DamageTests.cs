using System.Globalization;
using System.Net;
using CsCheck;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Transfer.Tests;

/// <summary>What a disk does to a stored file is noticed by whoever reads it, and mended by having the file again.</summary>
public sealed class DamageTests
{
    private static readonly RoundId Round = new(new FederationId("demo"), 3);

    [Fact]
    public Task A_byte_flipped_in_an_updates_ciphertext_salt_or_key_is_found_and_the_update_is_taken_again() =>
        Gen.Select(Gen.Double[0, 0.999999], Gen.Int[0, 7], Gen.Bool, Gen.Bool).SampleAsync(async (at, bit, ofKey, afterCrash) =>
        {
            await using var plane = await Plane.StartAsync();
            plane.Spool.Open(Round);
            var update = Update(plane);
            using var client = plane.Client();
            await client.SendAsync(Round, update);
            Flip(Path.Combine(plane.SpoolFolder, "demo-3", ofKey ? "key" : update.Hex), at, bit);
            if (ofKey || afterCrash)
                await plane.RestartAsync();
            var spool = plane.Spool.Open(Round);

            Assert.Equal(update, Assert.Throws<DamagedException>(() => Sum(spool, update)).Digest);
            Assert.False(spool.Verify(update));
            Assert.False(spool.Has(update));

            using var again = plane.Client();
            await again.SendAsync(Round, update);
            Assert.True(spool.Verify(update));
            Assert.Equal(1, Sum(spool, update));
        }, iter: 40, threads: 1);

    [Fact]
    public async Task A_giver_whose_file_is_damaged_finds_out_drops_it_and_says_so()
    {
        await using var plane = await Plane.StartAsync();
        byte[] bytes = Plane.Bytes(1000, 1);
        var digest = plane.Put(plane.Central, bytes);
        List<Digest> lost = [];
        plane.Central.Lost += lost.Add;
        Flip(plane.Central.PathOf(digest), 0.5, 0);
        using var client = plane.Client();

        var error = await Assert.ThrowsAsync<TransferException>(() => client.FetchAsync(digest));
        Assert.Contains("were damaged here", error.Message);
        Assert.Equal([digest], lost);
        Assert.False(plane.Central.Has(digest));

        plane.Put(plane.Central, bytes);
        Assert.Equal(bytes, await File.ReadAllBytesAsync((await client.FetchAsync(digest)).Path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_sender_whose_file_is_damaged_or_gone_finds_out_and_nothing_of_it_arrives(bool gone)
    {
        await using var plane = await Plane.StartAsync();
        var spool = plane.Spool.Open(Round);
        var digest = plane.Put(plane.Site, Plane.Bytes(1000, 1));
        if (gone)
            File.Delete(plane.Site.PathOf(digest));
        else
            Flip(plane.Site.PathOf(digest), 0.5, 0);
        using var client = plane.Client();

        Assert.Equal(digest, (await Assert.ThrowsAsync<DamagedException>(() => client.SendAsync(Round, digest))).Digest);
        Assert.False(spool.Has(digest));
        Assert.False(plane.Site.Has(digest));
    }

    [Fact]
    public async Task A_damaged_copy_makes_way_for_a_whole_one()
    {
        await using var plane = await Plane.StartAsync();
        byte[] bytes = Plane.Bytes(1000, 1);
        var digest = plane.Put(plane.Central, bytes);
        Flip(plane.Central.PathOf(digest), 0.5, 0);
        plane.Put(plane.Central, bytes);
        plane.Put(plane.Central, bytes);
        Assert.True(plane.Central.Verify(digest));
        Assert.Equal([digest.Hex], Directory.EnumerateFiles(Path.GetDirectoryName(plane.Central.PathOf(digest))!).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_claim_of_more_than_a_model_or_the_disk_could_have_is_refused_with_a_reason()
    {
        await using var plane = await Plane.StartAsync();
        plane.Spool.Open(Round).Most = 4000;
        var digest = Plane.DigestOf([1]);

        var (spool, why) = await Claim($"spool/{Round}/{digest}", 4001);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, spool);
        Assert.Contains("4001 bytes are too many", why);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await Claim($"spool/{Round}/{digest}", 3001, offset: 1000)).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await Claim($"weights/{digest}", 10_000_000_000_000_000)).Status);
        long free = new DriveInfo(plane.SpoolFolder).AvailableFreeSpace, size = new DriveInfo(plane.SpoolFolder).TotalSize;
        if (free + (size - free) / 2 is var between && between < size && between > free)
        {
            // What anybody may claim pauses no round; what a round's update may well be does.
            Assert.Equal(HttpStatusCode.InsufficientStorage, (await Claim($"weights/{digest}", between)).Status);
            Assert.Null(plane.Central.Health.Now);
            var unbound = plane.Spool.Open(Round with { Number = 9 });
            Assert.Equal(HttpStatusCode.InsufficientStorage, (await Claim($"spool/{Round with { Number = 9 }}/{digest}", between)).Status);
            Assert.Null(plane.Spool.Health.Now);
            unbound.Most = between;
            Assert.Equal(HttpStatusCode.InsufficientStorage, (await Claim($"spool/{Round with { Number = 9 }}/{digest}", between)).Status);
            Assert.Contains("no space left", plane.Spool.Health.Now?.ToString());
        }
        Assert.Empty(Directory.GetFiles(plane.SpoolFolder, "*.part", SearchOption.AllDirectories));

        async Task<(HttpStatusCode Status, string Why)> Claim(string place, long length, long offset = 0)
        {
            using var http = new HttpClient { BaseAddress = plane.Server.Address };
            using var request = new HttpRequestMessage(HttpMethod.Put, place) { Content = new Empty(length), Headers = { ExpectContinue = true } };
            request.Headers.Add("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture));
            using var response = await http.SendAsync(request);
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task What_arrived_of_an_upload_that_nobody_went_on_with_goes_after_a_day_and_what_is_fresh_stays()
    {
        await using var plane = await Plane.StartAsync();
        Digest old = Plane.DigestOf([1]), fresh = Plane.DigestOf([2]);
        foreach (var digest in (Digest[])[old, fresh])
            Plane.Leave(plane.Central, digest, [7]);
        string round = Directory.CreateDirectory(Path.Combine(plane.SpoolFolder, "demo-3")).FullName, update = Path.Combine(round, old.Hex + ".part");
        File.WriteAllBytes(update, [7]);
        var now = new DateTime(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        foreach (string file in (string[])[plane.Central.PathOf(old) + ".part", update])
            File.SetLastWriteTimeUtc(file, now.AddHours(-25));
        File.SetLastWriteTimeUtc(plane.Central.PathOf(fresh) + ".part", now.AddHours(-23));

        plane.Central.Sweep(now.AddDays(-1));
        plane.Spool.Sweep(now.AddDays(-1));

        Assert.Equal(0, plane.Central.Arrived(old));
        Assert.Equal(1, plane.Central.Arrived(fresh));
        Assert.False(File.Exists(update));
    }

    private static Digest Update(Plane plane)
    {
        string file = Path.Combine(Path.GetDirectoryName(plane.SpoolFolder)!, Guid.NewGuid().ToString());
        var digest = SafetensorsWriter.Write(file, [TensorData.Of("a", DType.I64, [40], new byte[8 * 39].Prepend((byte)1).Concat(new byte[7]).ToArray())]);
        plane.Site.Import(new WeightFile(file, digest));
        return digest;
    }

    // Reads the update as the sum does.
    private static long Sum(RoundSpool spool, Digest update)
    {
        using var file = spool.Read(update);
        byte[] bytes = new byte[8 * 40];
        file.Read(file.Tensors.Values.Single(), 0, bytes);
        file.Verify();
        return bytes.Sum(b => (long)b);
    }

    private static void Flip(string path, double at, int bit)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[(int)(at * bytes.Length)] ^= (byte)(1 << bit);
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Claims to be long.</summary>
    private sealed class Empty(long length) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new InvalidOperationException("Nobody wants it.");

        protected override bool TryComputeLength(out long claimed)
        {
            claimed = length;
            return true;
        }
    }
}
