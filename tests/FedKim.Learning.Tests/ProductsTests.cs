using FedKim.Models;
using FedKim.Parameters;

namespace FedKim.Learning.Tests;

public sealed class ProductsTests(DemoFederation demo) : IClassFixture<DemoFederation>
{
    private readonly DemoInjection _injection = new(demo);

    [Fact]
    public void Adapters_made_in_bf16_learn_what_those_in_full_precision_learn_and_say_what_they_are()
    {
        var full = Inject(TorchProducts.Float32);
        var half = Inject(TorchProducts.Bf16);

        Assert.Equal((TorchProducts.Float32, TorchProducts.Bf16), (Injection.ProductsOf(full.Adapter), Injection.ProductsOf(half.Adapter)));
        using (var file = SafetensorsFile.Open(full.Adapter))
            Assert.Empty(file.Metadata);
        TestContext.Current.TestOutputHelper!.WriteLine($"{full.Loss:g6}, {half.Loss:g6}");
        Assert.InRange(Math.Abs(half.Loss - full.Loss) / full.Loss, 1e-6, 0.02);
    }

    [Fact]
    public void Adapters_of_a_precision_that_nobody_knows_here_are_not_measured()
    {
        string path = Path.Combine(demo.Folder(), "adapter.safetensors");
        var adapter = new WeightFile(path, SafetensorsWriter.Write(path, [], new Dictionary<string, string> { ["products"] = "f8" }));

        var e = Assert.Throws<LearningException>(() => Injection.ProductsOf(adapter));

        Assert.Contains("was made with products in f8, which this FedKim does not know: it knows float32, tf32, bf16.", e.Message);
    }

    [Fact]
    public void What_are_no_adapters_is_said_so()
    {
        string path = Path.Combine(demo.Folder(), "adapter.safetensors");
        File.WriteAllText(path, "no adapters");

        Assert.StartsWith("server: the evaluation cannot go on.", Assert.Throws<LearningException>(() => Injection.ProductsOf(new WeightFile(path, Digests.OfFile(path)))).Message, StringComparison.Ordinal);
    }

    private InjectedModel Inject(string products)
    {
        using var injection = new Injection(Path.Combine(demo.Data, "server"), DemoInjection.Repository()) { Device = new InjectorDevice("cpu") { Products = products } };
        return injection.Inject(_injection.Request(), _ => { }, CancellationToken.None);
    }
}
