using FedKim.Launch.Answers;

namespace FedKim.Launch.Tests;

public sealed class CertificateEndTests
{
    private static readonly DateTimeOffset Ends = new(2031, 5, 14, 9, 12, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(31.0, "until 2031-05-14 09:12 UTC")]
    [InlineData(29.5, "until 2031-05-14 09:12 UTC, 29 days: renew it (fedkim certs renew)")]
    [InlineData(0.0, "ended at 2031-05-14 09:12 UTC: nobody hears this node. Renew it: fedkim certs renew")]
    public void A_certificate_that_ends_soon_is_to_be_renewed(double daysBefore, string words) =>
        Assert.Equal(words, CertificateEnd.Of(Ends, Ends - TimeSpan.FromDays(daysBefore)));
}
