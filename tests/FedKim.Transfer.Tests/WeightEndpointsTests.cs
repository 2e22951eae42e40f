using System.Net;
using System.Net.Http.Headers;
using CsCheck;
using FedKim.Rounds;

namespace FedKim.Transfer.Tests;

public sealed class WeightEndpointsTests
{
    [Fact]
    public async Task Any_range_gives_those_bytes()
    {
        await using var plane = await Plane.StartAsync();
        byte[] bytes = Plane.Bytes(700_000, 1);
        var digest = plane.Put(plane.Central, bytes);
        using var http = new HttpClient { BaseAddress = plane.Server.Address };
        await Gen.Select(Gen.Int[0, bytes.Length - 1].Nullable(), Gen.Int[1, bytes.Length * 2].Nullable()).Where(r => r.Item1 is not null || r.Item2 is not null)
            .SampleAsync(async range =>
            {
                var (from, to) = (range.Item1, range.Item1 is null ? range.Item2 : range.Item2 + range.Item1);
                using var request = new HttpRequestMessage(HttpMethod.Get, $"weights/{digest}") { Headers = { Range = new RangeHeaderValue(from, to) } };
                using var response = await http.SendAsync(request);
                Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
                var (first, last) = from is null ? (Math.Max(0, bytes.Length - to!.Value), bytes.Length - 1) : (from.Value, Math.Min(to ?? int.MaxValue, bytes.Length - 1));
                Assert.Equal(new ContentRangeHeaderValue(first, last, bytes.Length), response.Content.Headers.ContentRange);
                Assert.Equal(bytes[first..(last + 1)], await response.Content.ReadAsByteArrayAsync());
            }, iter: 50, threads: 1);
    }

    [Fact]
    public async Task A_range_beyond_the_end_is_answered_with_the_length()
    {
        await using var plane = await Plane.StartAsync();
        var digest = plane.Put(plane.Central, Plane.Bytes(10, 1));
        using var http = new HttpClient { BaseAddress = plane.Server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"weights/{digest}") { Headers = { Range = new RangeHeaderValue(10, null) } };
        using var response = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, response.StatusCode);
        Assert.Equal(10, response.Content.Headers.ContentRange?.Length);
    }

    [Fact]
    public async Task Head_tells_the_length_of_a_whole_file_and_how_much_of_another_has_arrived()
    {
        await using var plane = await Plane.StartAsync();
        var whole = plane.Put(plane.Central, Plane.Bytes(10, 1));
        var partial = Plane.DigestOf(Plane.Bytes(20, 2));
        Plane.Leave(plane.Central, partial, Plane.Bytes(20, 2).AsSpan(0, 7));
        using var http = new HttpClient { BaseAddress = plane.Server.Address };
        using var here = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"weights/{whole}"));
        using var coming = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"weights/{partial}"));
        Assert.Equal((HttpStatusCode.OK, 10), (here.StatusCode, here.Content.Headers.ContentLength));
        Assert.Equal((HttpStatusCode.NotFound, "7"), (coming.StatusCode, coming.Headers.GetValues("Upload-Offset").Single()));
    }

    [Fact]
    public async Task Bytes_of_another_digest_are_refused_and_not_stored()
    {
        await using var plane = await Plane.StartAsync();
        var digest = Plane.DigestOf(Plane.Bytes(1000, 1));
        using var response = await PutAsync(plane, digest, Plane.Bytes(1000, 2));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains($"not weights {digest.Short}", await response.Content.ReadAsStringAsync());
        Assert.Empty(plane.Central.List());
        Assert.False(File.Exists(plane.Central.PathOf(digest) + ".part"));
    }

    [Fact]
    public async Task An_upload_that_would_leave_a_gap_is_told_where_to_go_on()
    {
        await using var plane = await Plane.StartAsync();
        byte[] bytes = Plane.Bytes(1000, 1);
        var digest = Plane.DigestOf(bytes);
        Plane.Leave(plane.Central, digest, bytes.AsSpan(0, 400));
        using var gap = await PutAsync(plane, digest, bytes[600..], 600);
        Assert.Equal((HttpStatusCode.Conflict, "400"), (gap.StatusCode, gap.Headers.GetValues("Upload-Offset").Single()));
        using var right = await PutAsync(plane, digest, bytes[400..], 400);
        Assert.Equal(HttpStatusCode.Created, right.StatusCode);
        using var again = await PutAsync(plane, digest, bytes);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal([digest], plane.Central.List());
    }

    [Theory]
    [InlineData("weights/..%2F..%2Fetc%2Fpasswd")]
    [InlineData("weights/ABCDEF")]
    public async Task A_name_that_is_no_digest_never_reaches_the_disk(string path)
    {
        await using var plane = await Plane.StartAsync();
        using var http = new HttpClient { BaseAddress = plane.Server.Address };
        using var get = await http.GetAsync(path);
        using var put = await http.PutAsync(path, new ByteArrayContent([1]));
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (get.StatusCode, put.StatusCode));
        Assert.Contains("expected 64 lower-case hexadecimal digits", await get.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_body_above_the_usual_limit_of_30_MB_is_taken()
    {
        await using var plane = await Plane.StartAsync();
        byte[] bytes = Plane.Bytes(33_000_000, 1);
        using var response = await PutAsync(plane, Plane.DigestOf(bytes), bytes);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    private static async Task<HttpResponseMessage> PutAsync(Plane plane, Digest digest, byte[] bytes, int? offset = null)
    {
        using var http = new HttpClient { BaseAddress = plane.Server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Put, $"weights/{digest}") { Content = new ByteArrayContent(bytes) };
        if (offset is not null)
            request.Headers.Add("Upload-Offset", $"{offset}");
        return await http.SendAsync(request);
    }
}
