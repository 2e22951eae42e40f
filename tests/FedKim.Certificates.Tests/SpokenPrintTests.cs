namespace FedKim.Certificates.Tests;

public sealed class SpokenPrintTests
{
    // From the specification: 127.0.0.1, 63.84.220.193, 63.118.7.35, 140.98.193.141.
    [Fact]
    public void Words_are_the_specifications() => Assert.Equal(
        "lusab-babad-gutih-tugad-gutuk-bisog-mudof-sakat",
        SpokenPrint.Of([127, 0, 0, 1, 63, 84, 220, 193, 63, 118, 7, 35, 140, 98, 193, 141]));
}
