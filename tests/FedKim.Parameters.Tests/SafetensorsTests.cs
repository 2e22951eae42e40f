using System.Buffers.Binary;
using System.Text;
using CsCheck;

namespace FedKim.Parameters.Tests;

public sealed class SafetensorsTests
{
    [Fact]
    public void What_is_written_is_read_back() => Gen.Select(Tensors.AnySet, Gen.Dictionary(Gen.String.AlphaNumeric, Gen.String.AlphaNumeric)[0, 3]).Sample((tensors, metadata) =>
    {
        using var folder = new TemporaryFolder();
        SafetensorsWriter.Write(folder["m.safetensors"], tensors, metadata);
        using var file = SafetensorsFile.Open(folder["m.safetensors"]);
        Assert.Equal(tensors.Select(t => t.Name).Order(StringComparer.Ordinal), file.Tensors.Keys);
        Assert.Equal(metadata.OrderBy(m => m.Key, StringComparer.Ordinal), file.Metadata);
        foreach (var tensor in tensors)
        {
            var info = file.Info(tensor.Name);
            Assert.Equal(tensor.DType, info.DType);
            Assert.Equal(tensor.Shape, info.Shape);
            Assert.Equal(tensor.Bytes(), file.Bytes(tensor.Name));
            byte[] read = new byte[info.Length];
            file.Read(info, 0, read);
            Assert.Equal(tensor.Bytes(), read);
        }
    }, iter: 50);

    [Fact]
    public void Equal_content_gives_equal_bytes_in_whatever_order_it_comes() => Tensors.AnySet.SelectMany(t => Gen.Shuffle(t).Select(shuffled => (t, shuffled))).Sample(sets =>
    {
        var (tensors, shuffled) = sets;
        using var folder = new TemporaryFolder();
        var first = SafetensorsWriter.Write(folder["a"], tensors);
        var second = SafetensorsWriter.Write(folder["b"], shuffled);
        Assert.Equal(first, second);
        Assert.Equal(first, Digests.OfFile(folder["b"]));
        Assert.Equal(File.ReadAllBytes(folder["a"]), File.ReadAllBytes(folder["b"]));
    }, iter: 30);

    [Fact]
    public void A_file_cut_anywhere_is_refused() => Gen.Select(Tensors.AnySet, Gen.Double[0, 1]).Sample((tensors, share) =>
    {
        using var folder = new TemporaryFolder();
        SafetensorsWriter.Write(folder["m"], tensors);
        byte[] whole = File.ReadAllBytes(folder["m"]);
        File.WriteAllBytes(folder["cut"], whole[..(int)(share * (whole.Length - 1))]);
        var error = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(folder["cut"]).Dispose());
        Assert.Contains(folder["cut"], error.Message);
    }, iter: 50);

    [Fact]
    public void Any_bytes_are_read_or_refused_but_never_crash() => Gen.Select(Tensors.AnySet, Gen.Int[0, int.MaxValue], Gen.Byte).Sample((tensors, position, value) =>
    {
        using var folder = new TemporaryFolder();
        SafetensorsWriter.Write(folder["m"], tensors);
        byte[] bytes = File.ReadAllBytes(folder["m"]);
        bytes[position % bytes.Length] = value;
        File.WriteAllBytes(folder["m"], bytes);
        try
        {
            using var file = SafetensorsFile.Open(folder["m"]);
            Assert.All(file.Tensors.Values, t => Assert.Equal(t.Length, file.Bytes(t.Name).Length));
        }
        catch (SafetensorsException e)
        {
            Assert.Equal(folder["m"], e.File);
        }
    }, iter: 200);

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "b", "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "b", "hole before it")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "a", "twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "a", "do not span the 12 bytes of F32 [3]")]
    [InlineData("""{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}""", 8, "a", "unknown dtype 'F31'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "a", "whole numbers from 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""", 8, "a", "larger than any file")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", 8, "a", "needs a dtype")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}""", 8, "a", "unknown or repeated key 'x'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "a", "truncated")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, null, "1 bytes follow the last tensor")]
    [InlineData("""{"__metadata__":{"k":1}}""", 0, null, "is not one text")]
    [InlineData("""{"a":}""", 0, null, "no valid JSON")]
    [InlineData("""[]""", 0, null, "does not start with '{'")]
    public void A_malformed_file_is_refused_with_the_place(string header, int dataBytes, string? tensor, string problem)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["bad"], Raw(header, dataBytes));
        var error = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(folder["bad"]).Dispose());
        Assert.Equal(tensor, error.Tensor);
        Assert.Contains(problem, error.Message);
        Assert.StartsWith(folder["bad"], error.Message);
        Assert.NotNull(error.Offset);
    }

    [Fact]
    public void A_header_longer_than_the_format_allows_is_not_even_allocated()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, ulong.MaxValue);
        File.WriteAllBytes(folder["bad"], bytes);
        Assert.Contains("the format allows", Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(folder["bad"]).Dispose()).Message);
    }

    [Fact]
    public void A_write_that_fails_leaves_what_stood_there_and_nothing_beside_it()
    {
        using var folder = new TemporaryFolder();
        var digest = SafetensorsWriter.Write(folder["m"], [Tensors.Floats("a", [1], 1)]);
        var broken = new TensorData("a", DType.F32, [1], _ => throw new IOException("disk full"));
        Assert.Throws<IOException>(() => SafetensorsWriter.Write(folder["m"], [broken]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(folder["m"], [Tensors.Floats("a", [2], 1)]));
        Assert.Equal(digest, Digests.OfFile(folder["m"]));
        Assert.Equal(["m"], folder.Names);
    }

    [Fact]
    public void A_tensor_named_twice_is_not_written()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(folder["m"], [Tensors.Floats("a", [1], 1), Tensors.Floats("a", [1], 2)]));
        Assert.Empty(folder.Names);
    }

    [Fact]
    public void Values_of_another_type_than_asked_for_are_refused()
    {
        using var folder = new TemporaryFolder();
        SafetensorsWriter.Write(folder["m"], [Tensors.Floats("a", [2], 1, 2)]);
        using var file = SafetensorsFile.Open(folder["m"]);
        Assert.Equal([1f, 2f], file.Values<float>("a"));
        Assert.Contains("F32, not Int32", Assert.Throws<SafetensorsException>(() => file.Values<int>("a")).Message);
    }

    [Fact]
    public void Files_of_the_reference_implementation_are_read()
    {
        var fixtures = new DirectoryInfo(AppContext.BaseDirectory);
        while (fixtures is not null && !File.Exists(Path.Combine(fixtures.FullName, "FedKim.sln")))
            fixtures = fixtures.Parent;
        string folder = Path.Combine(fixtures?.Parent?.FullName ?? "", "shared", "fixtures");
        if (!Directory.Exists(folder))
            Assert.Skip($"No fixtures at {folder}.");
        foreach (string path in Directory.EnumerateFiles(folder, "*.safetensors", SearchOption.AllDirectories))
        {
            using var file = SafetensorsFile.Open(path);
            Assert.NotEmpty(file.Tensors);
            Assert.All(file.Tensors.Values, t => Assert.Equal(t.Length, file.Bytes(t.Name).Length));
        }
    }

    private static byte[] Raw(string header, int dataBytes)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] bytes = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)json.Length);
        json.CopyTo(bytes, 8);
        return bytes;
    }
}
