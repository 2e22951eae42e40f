using System.IO.Compression;
using FedKim.Data.Files;

namespace FedKim.Data.Tests;

public sealed class GzipTests : IDisposable
{
    private readonly MadeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Several_members_are_one_file()
    {
        byte[] one = Packed("first "), other = Packed("second");
        Assert.Equal("first second", Content([.. one, .. other]));
        // Tapes are filled up with zeros.
        Assert.Equal("first second", Content([.. one, .. other, .. new byte[100]]));
        Assert.Equal("second", Content(other));
    }

    [Fact]
    public void A_member_that_is_cut_off_or_has_another_length_is_an_error()
    {
        byte[] one = Packed("first "), other = Packed("second");
        for (int left = 1; left < other.Length; left++)
            Assert.Contains("is c", Problem([.. one, .. other[..left]]), StringComparison.Ordinal);
        byte[] lying = [.. one, .. other];
        lying[one.Length - 4]++;
        Assert.Contains("corrupt", Problem(lying), StringComparison.Ordinal);
        Assert.Matches("corrupt|goes on after its member 1 with something that is no gzip", Problem([.. one, .. "and then a text"u8]));
    }

    private string Content(byte[] file)
    {
        using var reader = new StreamReader(GzipFile.Open(_folder.Bytes("a.gz", file)));
        return reader.ReadToEnd();
    }

    private string Problem(byte[] file) => Assert.Throws<DataException>(() => Content(file)).Problem;

    private static byte[] Packed(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
            gzip.Write(System.Text.Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }
}
