using System.Runtime.InteropServices;
using CsCheck;
using FedKim.Parameters.PyTorch;

namespace FedKim.Parameters.Tests;

public sealed class PyTorchTests : IDisposable
{
    private static readonly byte[] Six = MemoryMarshal.AsBytes<float>([1, 2, 3, 4, 5, 6]).ToArray();

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tensor_is_read_at_its_place_in_its_storage()
    {
        using var file = Open(Pickle.OfTensor([2, 2], [2, 1], offset: 1));
        var info = file.Tensors["w"];
        float[] values = new float[4];
        file.Read(info, 0, MemoryMarshal.AsBytes(values.AsSpan()));

        Assert.Equal((DType.F32, "[2, 2]"), (info.DType, info.ShapeText));
        Assert.Equal([2f, 3f, 4f, 5f], values);
        Assert.Throws<PyTorchException>(() => file.Read(info, 4, MemoryMarshal.AsBytes(values.AsSpan())));
    }

    [Theory]
    [InlineData("DoubleStorage", DType.F64, 3)]
    [InlineData("HalfStorage", DType.F16, 12)]
    [InlineData("BFloat16Storage", DType.BF16, 12)]
    [InlineData("LongStorage", DType.I64, 3)]
    [InlineData("IntStorage", DType.I32, 6)]
    [InlineData("ShortStorage", DType.I16, 12)]
    [InlineData("CharStorage", DType.I8, 24)]
    [InlineData("ByteStorage", DType.U8, 24)]
    [InlineData("BoolStorage", DType.Bool, 24)]
    public void Every_storage_type_has_its_element_type(string storage, DType type, int count)
    {
        using var file = Open(Pickle.OfTensor([count], [1], count: count, type: storage));
        Assert.Equal(type, file.Tensors["w"].DType);
    }

    [Fact]
    public void A_transposed_tensor_is_read_in_the_order_of_its_rows()
    {
        using var file = Open(Pickle.OfTensor([2, 3], [1, 2]));

        Assert.Equal([1f, 3f, 5f, 2f, 4f, 6f], Floats(file, 0, 6));
        Assert.Equal([5f, 2f], Floats(file, 2, 2));
        Assert.Throws<PyTorchException>(() => file.Read(file.Tensors["w"], 2, new byte[4]));
    }

    [Fact]
    public void A_tensor_at_any_strides_has_the_elements_its_indices_lead_to() =>
        Gen.Select(Gen.Long[0, 3].Array[1, 4], Gen.Long[0, 4].Array[4], Gen.Long[0, 5]).Sample((shape, anyStrides, offset) =>
        {
            long[] strides = anyStrides[..shape.Length];
            // As many as the largest of these shapes shows: a storage that is smaller than what it shows is refused.
            float[] storage = [.. Enumerable.Range(0, 81).Select(i => (float)i)];
            using var folder = new TemporaryFolder();
            Pickle.Save(folder["m.bin"], Pickle.OfTensor(shape, strides, offset, storage.Length),
                new Dictionary<string, byte[]> { ["0"] = MemoryMarshal.AsBytes<float>(storage).ToArray() });
            IEnumerable<long> places = [offset];
            foreach (var (size, stride) in shape.Zip(strides))
                places = places.SelectMany(place => Enumerable.Range(0, (int)size).Select(i => place + (i * stride)));

            using var file = PyTorchFile.Open(folder["m.bin"]);
            Assert.Equal(places.Select(place => storage[place]), Floats(file, 0, (int)file.Tensors["w"].Count));
        }, iter: 100);

    [Fact]
    public void Attributes_of_the_dictionary_are_passed_over()
    {
        using var file = Open(Pickle.Of(p => p.Global("collections", "OrderedDict").Raw(')', 'R').Raw('}').Text("_metadata").Raw('}', 's', 'b')));
        Assert.Empty(file.Tensors);
    }

    [Fact]
    public void A_global_that_is_no_tensor_is_refused_by_name_and_place_and_not_called()
    {
        var error = Refused(Pickle.Of(p => p.Global("os", "system").Text("touch owned").Raw(0x85, 'R')));
        Assert.Contains("'os.system' is refused", error.Message);
        Assert.Equal(2, error.Offset);
        error = Refused(Pickle.Of(p => p.Text("os").Text("system").Raw(0x93).Text("touch owned").Raw(0x85, 'R')));
        Assert.Contains("'os.system' is refused", error.Message);
        Assert.Equal(20, error.Offset);
        Assert.Contains("'torch._utils._rebuild_qtensor' is refused", Refused(Pickle.OfTensor([6], [1], rebuild: "_rebuild_qtensor")).Message);
    }

    [Theory]
    [InlineData("_rebuild_parameter", false)]
    [InlineData("_rebuild_parameter_with_state", true)]
    public void A_parameter_is_the_tensor_that_it_wraps(string rebuild, bool state)
    {
        using var file = Open(Pickle.Of(p => p.Raw('}', '(').Text("w")
            .Global("torch._utils", rebuild).Raw('(').Tensor([2, 3], [3, 1], 0, 6).Raw(0x88).Global("collections", "OrderedDict").Raw(')', 'R')
            .Raw(state ? [(int)'}', 't', 'R'] : [(int)'t', 'R']).Raw('u')));
        Assert.Equal("[2, 3]", file.Tensors["w"].ShapeText);
        Assert.Equal([1f, 2f, 3f, 4f, 5f, 6f], Floats(file, 0, 6));
        Assert.Contains("what is called", Refused(Pickle.Of(p => p.Raw('}').Text("w").Global("torch._utils", rebuild).Raw('N', 'N', 'N', 0x87, 'R', 's'))).Message);
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 9\n", "it is a Git LFS pointer: the file itself was not downloaded")]
    [InlineData("/annex/objects/MD5E-s9--aa.bin\n", "it is a git-annex pointer")]
    [InlineData("\n<!DOCTYPE html>\n<html>", "it is a web page")]
    public void What_a_download_left_in_a_file_s_place_is_called_what_it_is(string content, string problem)
    {
        File.WriteAllText(_folder["m.bin"], content);
        Assert.StartsWith($"{_folder["m.bin"]}: {problem}", Assert.Throws<PyTorchException>(() => PyTorchFile.Open(_folder["m.bin"])).Message, StringComparison.Ordinal);
        Assert.Contains(problem, Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(_folder["m.bin"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('i', "opcode 0x69 'i'")]
    [InlineData('o', "opcode 0x6f 'o'")]
    [InlineData(0x81, "opcode 0x81")]
    [InlineData(0x82, "opcode 0x82")]
    [InlineData('P', "opcode 0x50 'P'")]
    public void An_opcode_that_no_tensor_needs_is_refused_with_its_place(int opcode, string shown)
    {
        var error = Refused(Pickle.Of(p => p.Raw('}', opcode)));
        Assert.Contains(shown, error.Message);
        Assert.Contains($"{_folder["m.bin"]} at byte 3 of its pickle", error.Message);
    }

    [Fact]
    public void Values_that_are_not_there_are_not_taken()
    {
        Assert.Contains("a value is taken where there is none", Refused(Pickle.Of(p => p)).Message);
        Assert.Contains("a value is taken where there is none", Refused(Pickle.Of(p => p.Raw('(', 0x85))).Message);
        Assert.Contains("a mark is missing", Refused(Pickle.Of(p => p.Raw('t'))).Message);
        Assert.Contains("never remembered", Refused(Pickle.Of(p => p.Raw('h', 7))).Message);
        Assert.Contains("without a value", Refused(Pickle.Of(p => p.Raw('}', '(').Text("w").Raw('u'))).Message);
        Assert.Contains("twice", Refused(Pickle.Of(p => p.Raw('}', '(').Text("w").Raw('N').Text("w").Raw('N', 'u'))).Message);
        Assert.Contains("'w': it is no tensor", Refused(Pickle.Of(p => p.Raw('}').Text("w").Raw('N', 's'))).Message);
        Assert.Contains("what is called", Refused(Pickle.Of(p => p.Raw('}', ')', 'R'))).Message);
    }

    [Fact]
    public void Nesting_and_memory_are_bounded()
    {
        Assert.Contains("nests so deep", Refused(Pickle.Of(p => p.Repeat((1 << 20) + 1, '('))).Message);
        Assert.Contains("are remembered", Refused(Pickle.Of(p => p.Raw('N').Repeat((1 << 20) + 1, 0x94))).Message);
        // A tuple in a tuple, a million deep, and a dictionary that holds itself: neither may end in a recursion.
        Assert.Contains("a dictionary of tensors is expected", Refused(Pickle.Of(p => p.Raw(')').Repeat(1 << 20, 0x85))).Message);
        Assert.Contains("it is no tensor", Refused(Pickle.Of(p => p.Raw('}', 'q', 0).Text("w").Raw('h', 0, 's'))).Message);
        Assert.Contains("what is called", Refused(Pickle.OfTensor(new long[65], new long[65])).Message);
    }

    [Theory]
    [InlineData(new long[] { 7 }, new long[] { 1 }, 0, 6, "leave its storage '0' of 6")]
    [InlineData(new long[] { 6 }, new long[] { 1 }, 1, 6, "leave its storage")]
    [InlineData(new long[] { 1 }, new long[] { 1 }, -1, 6, "its offset -1")]
    [InlineData(new long[] { 1 }, new long[] { 1 }, long.MaxValue, 6, "larger than any file")]
    [InlineData(new long[] { 9 }, new long[] { 1 }, 0, 9, "claims 9 elements of F32, the archive holds 24 bytes")]
    [InlineData(new long[] { -6 }, new long[] { 1 }, 0, 6, "a size is negative")]
    [InlineData(new long[] { 2, 3 }, new long[] { 4, 1 }, 0, 6, "at strides [4, 1], leave its storage '0' of 6")]
    [InlineData(new long[] { 3, 2 }, new long[] { 1, 3 }, 1, 6, "leave its storage")]
    [InlineData(new long[] { 6 }, new long[] { -1 }, 5, 6, "a stride of [-1] is negative")]
    [InlineData(new long[] { 2 }, new long[] { long.MaxValue }, 1, 6, "larger than any file")]
    [InlineData(new long[] { 1L << 40, 1L << 40 }, new long[] { 1L << 40, 1 }, 0, 6, "larger than any file")]
    public void A_tensor_that_leaves_its_storage_is_refused(long[] shape, long[] strides, long offset, long count, string problem)
    {
        var error = Refused(Pickle.OfTensor(shape, strides, offset, count));
        Assert.Equal("w", error.Tensor);
        Assert.Contains(problem, error.Message);
    }

    [Fact]
    public void A_storage_must_be_an_entry_of_the_archive() =>
        Assert.Contains("no storage '../../etc/passwd'", Refused(Pickle.OfTensor([6], [1], key: "../../etc/passwd")).Message);

    [Theory]
    [InlineData("data.pkl")]
    [InlineData("data/0")]
    public void A_compressed_entry_is_refused_by_name(string entry) =>
        Assert.Contains($"its entry 'model/{entry}' is compressed (method 8)", Refused(Pickle.OfTensor([6], [1]), entry).Message);

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        Save(Pickle.OfTensor([6], [1]));
        byte[] whole = File.ReadAllBytes(_folder["m.bin"]);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_folder["cut"], whole[..length]);
            Assert.Equal(_folder["cut"], Assert.Throws<PyTorchException>(() => PyTorchFile.Open(_folder["cut"]).Dispose()).File);
        }
    }

    [Fact]
    public void A_pickle_cut_anywhere_is_refused()
    {
        byte[] whole = Pickle.OfTensor([6], [1]);
        for (int length = 0; length < whole.Length; length++)
            Assert.Contains("the pickle is truncated", Refused(whole[..length]).Message);
    }

    [Fact]
    public void Any_bytes_are_read_or_refused_but_never_crash()
    {
        Save(Pickle.OfTensor([2, 3], [3, 1]));
        byte[] whole = File.ReadAllBytes(_folder["m.bin"]);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Array[1, 4].Sample(flips =>
        {
            using var folder = new TemporaryFolder();
            byte[] bytes = (byte[])whole.Clone();
            foreach (var (position, value) in flips)
                bytes[position] = value;
            File.WriteAllBytes(folder["m.bin"], bytes);
            try
            {
                using var file = PyTorchFile.Open(folder["m.bin"]);
                foreach (var tensor in file.Tensors.Values)
                    file.Read(tensor, 0, new byte[tensor.Length]);
            }
            catch (PyTorchException e)
            {
                Assert.Equal(folder["m.bin"], e.File);
            }
        }, iter: 3000);
    }

    private static float[] Floats(PyTorchFile file, int start, int count)
    {
        float[] values = new float[count];
        file.Read(file.Tensors["w"], start * sizeof(float), MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private PyTorchException Refused(byte[] pickle, string? compressed = null)
    {
        Save(pickle, compressed);
        return Assert.Throws<PyTorchException>(() => PyTorchFile.Open(_folder["m.bin"]).Dispose());
    }

    private PyTorchFile Open(byte[] pickle)
    {
        Save(pickle);
        return PyTorchFile.Open(_folder["m.bin"]);
    }

    private void Save(byte[] pickle, string? compressed = null)
    {
        File.Delete(_folder["m.bin"]);
        Pickle.Save(_folder["m.bin"], pickle, new Dictionary<string, byte[]> { ["0"] = Six }, compressed);
    }
}
