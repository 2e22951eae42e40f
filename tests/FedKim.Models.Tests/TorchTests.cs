using FedKim.Build;
using TorchSharp;

namespace FedKim.Models.Tests;

public sealed class TorchTests
{
    [Fact]
    public void Torch_loads_and_multiplies()
    {
        using var scope = torch.NewDisposeScope();
        var product = torch.tensor(new float[,] { { 1, 2 }, { 3, 4 } }).matmul(torch.tensor(new float[,] { { 1 }, { 10 } }));
        Assert.Equal([21f, 43f], product.data<float>().ToArray());
    }

    [Fact]
    public void Weakening_a_symbol_version_changes_one_flag_and_only_once()
    {
        byte[] file = File.ReadAllBytes(Directory.GetFiles(AppContext.BaseDirectory, "libLibTorchSharp.so", SearchOption.AllDirectories)[0]);
        byte[] before = (byte[])file.Clone();

        Assert.True(SymbolVersions.Weaken(file, "GLIBC_2.2.5"));

        Assert.All(file.Zip(before).Where(pair => pair.First != pair.Second), pair => Assert.Equal(pair.Second | 2, pair.First));
        Assert.False(SymbolVersions.Weaken(file, "GLIBC_2.2.5"));
        Assert.False(SymbolVersions.Weaken(file, "GLIBC_9.9"));
    }

    [Fact]
    public void A_folder_without_libtorch_is_named_with_the_remedy()
    {
        var folder = Directory.CreateTempSubdirectory("fedkim-");
        string message = Assert.Throws<TorchRuntimeException>(() => TorchRuntime.Load(folder.FullName)).Message;
        Assert.Contains($"{folder.FullName} holds no libtorch_cpu.so", message);
        folder.Delete();
    }

    [Fact]
    public void A_second_libtorch_beside_the_builds_own_is_refused_before_it_is_loaded()
    {
        var folder = Directory.CreateTempSubdirectory("fedkim-");
        File.WriteAllText(Path.Combine(folder.FullName, "libtorch_cpu.so"), "");
        string message = Assert.Throws<TorchRuntimeException>(() => TorchRuntime.Load(folder.FullName)).Message;
        Assert.Contains("This build brings its own libtorch", message);
        Assert.Contains("-p:Torch=none", message);
        folder.Delete(recursive: true);
    }

    [Fact]
    public void A_file_that_is_no_library_is_refused_rather_than_edited()
    {
        byte[] text = new byte[4096];
        Assert.Throws<InvalidDataException>(() => SymbolVersions.Weaken(text, "GLIBCXX_3.4.32"));
        "\x7f"u8.CopyTo(text);
        "ELF\x02\x01"u8.CopyTo(text.AsSpan(1));
        Assert.Throws<InvalidDataException>(() => SymbolVersions.Weaken(text, "GLIBCXX_3.4.32"));
    }
}
