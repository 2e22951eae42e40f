using System.Security.Cryptography;
using CsCheck;

namespace FedKim.Rounds.Tests;

public sealed class DigestTests
{
    private const string Empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Fact]
    public void A_digest_of_hash_bytes_is_their_lower_case_hexadecimal_text() => Assert.Equal(Empty, Digest.Of(SHA256.HashData([])).ToString());

    [Fact]
    public void Its_text_reads_back_to_it() => Gen.Byte.Array[32].Sample(hash =>
        Assert.Equal(Digest.Of(hash), Digest.Parse(Digest.Of(hash).ToString())));

    [Fact]
    public void The_short_form_is_its_beginning() => Assert.Equal("e3b0c44298fc", Digest.Parse(Empty).Short);

    [Theory]
    [InlineData("")]
    [InlineData("e3b0")]
    [InlineData("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85g")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855a")]
    [InlineData("../0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public void Anything_else_is_refused_and_the_error_shows_it(string text)
    {
        Assert.False(Digest.TryParse(text, out _));
        Assert.Contains($"'{text}'", Assert.Throws<FormatException>(() => Digest.Parse(text)).Message);
    }

    [Fact]
    public void No_text_is_no_digest() => Assert.False(Digest.TryParse(null, out _));
}
