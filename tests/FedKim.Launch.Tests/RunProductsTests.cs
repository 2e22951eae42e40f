using FedKim.Configuration;
using FedKim.Models;
using FedKim.Testing;

namespace FedKim.Launch.Tests;

public sealed class RunProductsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_keeps_the_precision_that_it_began_with_and_its_injector_has_it()
    {
        Assert.Equal((TorchProducts.Bf16, TorchProducts.Bf16), Prepared(TorchProducts.Bf16));
        Assert.Equal((TorchProducts.Bf16, TorchProducts.Bf16), Prepared(null));

        var e = Assert.Throws<InvalidConfigurationException>(() => Prepared(TorchProducts.Float32));
        Assert.Contains("--products was bf16 and is float32. Leave the option out to take it up again, or name a new folder.", e.Message);
    }

    [Fact]
    public void Without_a_word_products_are_made_in_full() => Assert.Equal((TorchProducts.Float32, TorchProducts.Float32), Prepared(null));

    private (string? Used, string? Injectors) Prepared(string? products)
    {
        var options = new UpOptions
        {
            Federation = Path.Combine(Repository.Root, "cluster/federations/rehearsal.conf"),
            Work = Path.Combine(_folder.Path, "run"),
            CommandPort = 31_150,
            Products = products,
            Secured = false,
        };
        using var setup = RunSetup.Prepare(options, Repository.Root, _ => { });
        return (setup.Folder.ProductsUsed, NodeConfiguration.Read(setup.Folder.NodeFile(SiteNames.Injector)).Injector?.Products);
    }
}
