using FedKim.Configuration;
using FedKim.Launch.Packages;
using FedKim.Parameters.Strategies;
using FedKim.Testing;

namespace FedKim.Launch.Tests;

/// <summary>Packages that cannot be used. One that can changes what the whole process knows: see the tests of real processes.</summary>
public sealed class ExtensionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_is_missing_is_named_with_the_key() => Refused(
        Path.Combine(_folder.Path, "gone.dll"), "node.conf: fedkim.extensions names FILE, and there is no such file. Build the package, or correct the path.");

    [Fact]
    public void A_name_that_is_none_is_told() => Refused("", "node.conf: fedkim.extensions names no file.");

    [Fact]
    public void A_file_that_is_no_assembly_is_named() => Refused(
        _folder.Write("text.dll", "text"), "node.conf: fedkim.extensions names FILE, which is no .NET assembly. Name the .dll that the build of the package makes.");

    [Fact]
    public void An_assembly_that_adds_nothing_is_named() => Refused(
        Path.Combine(AppContext.BaseDirectory, "FedKim.Testing.dll"), "node.conf: fedkim.extensions names FILE, which adds nothing: no public class of it implements IStrategy or IReader");

    [Fact]
    public void A_class_that_cannot_be_made_is_named() => Refused(
        Path.Combine(AppContext.BaseDirectory, "FedKim.Launch.Tests.dll"),
        $"node.conf: fedkim.extensions names FILE, whose {typeof(Unmakable).FullName} cannot be made: it has no public constructor without parameters.");

    [Fact]
    public void A_node_file_names_packages_from_its_own_folder_on()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "data"));
        string file = _folder.Write("node.conf", """fedkim { site = a, roles = [hospital], data = data, cluster.seeds = ["127.0.0.1:9100"], extensions = ["own/package.dll"] }""");
        Assert.Equal([Path.Combine(_folder.Path, "own", "package.dll")], NodeConfiguration.Read(file).Extensions);
    }

    private static void Refused(string file, string problem) => Assert.StartsWith(
        problem.Replace("FILE", file, StringComparison.Ordinal),
        Assert.Single(Assert.Throws<InvalidConfigurationException>(() => Extensions.Load("node.conf: fedkim.extensions", [file])).Problems));

    /// <summary>A strategy that nobody can make without being told more.</summary>
    public sealed class Unmakable(string name) : IStrategy
    {
        public string Name => name;

        public void Combine(Tile tile)
        {
        }
    }
}
