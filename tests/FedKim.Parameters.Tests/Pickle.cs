using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace FedKim.Parameters.Tests;

/// <summary>Spells pickles and puts them into archives as <c>torch.save</c> does.</summary>
internal sealed class Pickle
{
    private readonly MemoryStream _bytes = new();

    /// <summary>Protocol 2, then what <paramref name="body"/> adds, then the end.</summary>
    internal static byte[] Of(Func<Pickle, Pickle> body) => body(new Pickle().Raw(0x80, 2)).Raw('.')._bytes.ToArray();

    /// <summary>A dictionary of one tensor "w", with whatever is wrong with it.</summary>
    internal static byte[] OfTensor(
        long[] shape, long[] strides, long offset = 0, long count = 6, string type = "FloatStorage", string key = "0", string rebuild = "_rebuild_tensor_v2") => Of(p => p
        .Raw('}', '(').Text("w").Tensor(shape, strides, offset, count, type, key, rebuild).Raw('u'));

    /// <summary>Writes an archive with this pickle and storages; an entry is compressed where <paramref name="compressed"/> names it.</summary>
    internal static void Save(string path, byte[] pickle, IReadOnlyDictionary<string, byte[]> storages, string? compressed = null)
    {
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var (name, bytes) in storages.Select(s => ($"data/{s.Key}", s.Value)).Prepend(("data.pkl", pickle)))
        {
            using var entry = zip.CreateEntry($"model/{name}", name == compressed ? CompressionLevel.Optimal : CompressionLevel.NoCompression).Open();
            entry.Write(bytes);
        }
    }

    internal Pickle Raw(params int[] opcodes)
    {
        foreach (int opcode in opcodes)
            _bytes.WriteByte((byte)opcode);
        return this;
    }

    internal Pickle Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text), length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        return Raw('X').Append(length).Append(utf8);
    }

    internal Pickle Number(long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Raw(0x8a, bytes.Length).Append(bytes);
    }

    internal Pickle Numbers(long[] values) => values.Aggregate(Raw('('), (pickle, value) => pickle.Number(value)).Raw('t');

    internal Pickle Global(string module, string name) => Raw('c').Append(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));

    internal Pickle Tensor(
        long[] shape, long[] strides, long offset, long count, string type = "FloatStorage", string key = "0", string rebuild = "_rebuild_tensor_v2") => this
        .Global("torch._utils", rebuild)
        .Raw('(').Raw('(').Text("storage").Global("torch", type).Text(key).Text("cpu").Number(count).Raw('t', 'Q')
        .Number(offset).Numbers(shape).Numbers(strides).Raw(0x89).Global("collections", "OrderedDict").Raw(')', 'R')
        .Raw('t', 'R');

    internal Pickle Repeat(int times, params int[] opcodes)
    {
        for (int i = 0; i < times; i++)
            Raw(opcodes);
        return this;
    }

    private Pickle Append(byte[] bytes)
    {
        _bytes.Write(bytes);
        return this;
    }
}
