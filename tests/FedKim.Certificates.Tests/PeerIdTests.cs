using CsCheck;

namespace FedKim.Certificates.Tests;

public sealed class PeerIdTests
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly Gen<string> Sites =
        Gen.Select(Gen.Char[Letters], Gen.String[Gen.Char[Letters + "-"], 0, 61], Gen.Char[Letters]).Select((first, middle, last) => $"{first}{middle}{last}");
    private static readonly Gen<string> Consortia = Gen.String[Gen.Char["abcdefghijklmnopqrstuvwxyz0123456789.-_"], 1, 255];

    [Fact]
    public void What_is_written_is_read_again() => Gen.Select(Consortia, Gen.Enum<PeerRole>(), Sites).Sample((consortium, role, site) =>
    {
        var id = PeerId.Of(consortium, role, site);
        Assert.NotNull(id);
        Assert.Equal(id, PeerId.Parse(id.ToString()));
    });

    [Fact]
    public void Whatever_is_read_is_written_the_same() => Gen.OneOf(Gen.String, Gen.String.Select(text => "spiffe://" + text)).Sample(text =>
    {
        if (PeerId.Parse(text) is { } id)
            Assert.Equal(text, id.ToString());
    });

    [Theory]
    [InlineData("spiffe://clinics.example/hospital/a")]
    [InlineData("spiffe://clinics_1/server/server-1")]
    public void Ids_are_read(string text) => Assert.Equal(text, PeerId.Parse(text)!.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("spiffe://clinics/hospital")]
    [InlineData("spiffe://clinics/hospital/a/b")]
    [InlineData("spiffe://clinics/hospital/")]
    [InlineData("spiffe://clinics/hospital/..")]
    [InlineData("spiffe://clinics/hospital/A")]
    [InlineData("spiffe://clinics/hospital/-a")]
    [InlineData("spiffe://clinics/hospital/a-")]
    [InlineData("spiffe://clinics/Hospital/a")]
    [InlineData("spiffe://clinics/doctor/a")]
    [InlineData("spiffe://clinics/0/a")]
    [InlineData("spiffe:///hospital/a")]
    [InlineData("spiffe://clinics:8443/hospital/a")]
    [InlineData("spiffe://user@clinics/hospital/a")]
    [InlineData("SPIFFE://clinics/hospital/a")]
    [InlineData("https://clinics/hospital/a")]
    [InlineData("spiffe://clinics/hospital/a?b")]
    [InlineData("spiffe://clinics/hospital/a#b")]
    [InlineData("spiffe://clinics/hospital/a%2f")]
    [InlineData("spiffe://clinics/hospital/a\n")]
    public void What_is_none_is_refused(string text) => Assert.Null(PeerId.Parse(text));
}
