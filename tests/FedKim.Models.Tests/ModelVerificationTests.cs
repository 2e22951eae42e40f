using FedKim.Models.Foundation;
using FedKim.Models.Verification;

namespace FedKim.Models.Tests;

public sealed class ModelVerificationTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("internlm2-tiny", "prefix_grad")]
    [InlineData("m3oe", "expected.grad.wv")]
    [InlineData("deit", "timm.wave.tokens")]
    [InlineData("deit", "hf.noise.block0")]
    public void Every_output_is_within_its_tolerance_of_the_reference(string fixture, string last)
    {
        var verification = ModelVerification.Verify(Shared.Folder(Path.Combine("fixtures", fixture)));

        foreach (var result in verification.Outputs)
            output.WriteLine($"{result.Name}: {result.MaxDifference:E2} (tolerance {result.Tolerance:E1})");
        Assert.All(verification.Outputs, result => Assert.True(result.Ok, result.ToString()));
        Assert.Contains(verification.Outputs, result => result.Name == last);
    }

    [Fact]
    public void A_folder_that_is_no_fixture_is_named_in_the_error()
    {
        var folder = Directory.CreateTempSubdirectory("fedkim-");
        var error = Assert.Throws<FoundationException>(() => ModelVerification.Verify(folder.FullName));
        Assert.Contains("not recognised", error.Message);
        Assert.Contains(folder.FullName, error.Message);
        folder.Delete();
    }
}
