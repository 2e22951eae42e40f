using FedKim.Configuration;
using FedKim.Models;
using FedKim.Node.Hosting;
using FedKim.Testing;

namespace FedKim.Node.Tests;

public sealed class TorchSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TorchSettingsTests() => Directory.CreateDirectory(Path.Combine(_folder.Path, "data"));

    public void Dispose() => _folder.Dispose();

    // No machine has so many.
    [Theory]
    [InlineData("hospital", "hospital.device = \"cuda:99\"", "fedkim.hospital.device is \"cuda:99\", but torch finds")]
    [InlineData("injector", "injector.device = \"cuda:99\"", "fedkim.injector.device is \"cuda:99\", but torch finds")]
    public void A_device_that_is_not_there_ends_the_node_at_its_start(string role, string setting, string problem)
    {
        var node = Node(role, setting);

        Assert.Contains($"{node.File}: {problem}", Assert.Throws<InvalidConfigurationException>(() => TorchSettings.Check(node)).Message);
    }

    [Fact]
    public void Products_that_the_processor_cannot_make_end_the_injector_at_its_start()
    {
        var node = Node("injector", "injector.products = tf32");
        TorchRuntime.Load();
        if (TorchSharp.torch.cuda.is_available())
            Assert.Skip("There is a CUDA device here, which makes them.");

        Assert.Contains(
            $"{node.File}: fedkim.injector.products is tf32, which a CUDA device alone can do", Assert.Throws<InvalidConfigurationException>(() => TorchSettings.Check(node)).Message);
    }

    [Theory]
    [InlineData("hospital", "injector.products = tf32")]
    [InlineData("hospital", "hospital.device = auto")]
    [InlineData("injector", "injector.products = bf16")]
    public void What_can_be_had_or_is_another_nodes_ends_none(string role, string setting) => TorchSettings.Check(Node(role, setting));

    private NodeConfiguration Node(string role, string setting) => NodeConfiguration.Read(_folder.Write("node.conf", $$"""
        fedkim {
          site = "a"
          roles = [{{role}}]
          work = "work"
          data = "data"
          security = off
          cluster { link = member, seeds = ["127.0.0.1:9100"] }
          {{setting}}
        }
        """));
}
